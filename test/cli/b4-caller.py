"""Stands in for b4 0.14 and later, which Debian 12 does not have: runs the check commands for one patch each.

As b4 documents it: values come from the project's .b4-config (prep only) and git's configuration, all of them are run,
in the top folder, without a shell; a patch is one RFC 2822 message on standard input; each line on standard output is an
entry, a failure if it says ERROR:, and each line on standard error is a failure. The exit code says nothing more.

usage: b4-caller.py prep|am FILE...     prints "name: pass", or "name: warning|fail LINE" for each entry
"""
import mailbox
import os
import shlex
import subprocess
import sys


def values(key, *source):
    run = subprocess.run(["git", "config", *source, "-z", "--get-all", key], capture_output=True, text=True)
    return run.stdout.split("\0")[:-1]


def commands(kind):
    key = f"b4.{kind}-perpatch-check-cmd"
    found = []
    if kind == "prep" and os.path.exists(".b4-config"):
        found += values(key, "--file", ".b4-config")
    found += values(key)
    if not found and os.access("scripts/checkpatch.pl", os.X_OK):
        found = ["./scripts/checkpatch.pl -q --terse --no-summary --mailback"]
    for text in found:
        words = shlex.shlex(text, posix=True)
        words.whitespace_split = True
        yield list(words)


def messages(path):
    if path.endswith(".mbx"):
        for message in mailbox.mbox(path):
            yield message["Subject"], message.as_bytes()
    else:
        with open(path, "rb") as file:
            yield os.path.basename(path), file.read()


os.chdir(subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True).stdout.strip())
kind, *paths = sys.argv[1:]
for name, data in (pair for path in paths for pair in messages(path)):
    entries = []
    for command in commands(kind):
        run = subprocess.run(command, input=data, capture_output=True)
        entries += [("fail", line) for line in run.stderr.decode().splitlines()]
        for line in run.stdout.decode().splitlines():
            entries.append(("fail" if "ERROR:" in line else "warning", line))
        if run.returncode and not run.stdout and not run.stderr:
            entries.append(("fail", f"exit code {run.returncode}"))
    for level, line in entries or [("pass", "")]:
        print(f"{name}: {level} {line}".rstrip())
