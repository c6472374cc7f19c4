import { createHash } from "node:crypto";
import type { Level } from "../finding/finding.ts";
import { quoted } from "./shell.ts";

/** What a hook was written for. */
export interface HookSettings {
  /** Absolute path of the program. */
  readonly program: string;
  /** Findings of this level and above stop the sending. */
  readonly failOn: Level;
}

/** The name of the hook, and of the one that was there before, in the folder of hooks. */
export const hookName = "sendemail-validate";
export const formerName = `${hookName}.before-copylint`;

const mark = "# copylint hook 1 ";

/**
 * All of the script but its first two lines. git calls the hook once for each mail of a series, and a series can be
 * judged only as a whole, so all calls but the last do next to nothing: no process is started in them, but for what was
 * the hook before.
 *
 * The exit code is 1 for findings only. That copylint is gone, cannot start or fails is said and stops nothing: a tool
 * that is broken must not keep anybody from sending.
 */
const body = ({ program, failOn }: HookSettings): string => `#
# Reviews a patch series before git send-email sends it, once, at its last mail.
# \`copylint hook install\` wrote this, and \`copylint hook uninstall\` removes it;
# it is not removed or replaced once it was edited.
# To send without it: git send-email --no-validate

program=${quoted(program)}
level=${failOn}

# What was the hook before goes first, for each mail, as git calls it.
before=\${0%/*}/${formerName}
if [ -x "$before" ]; then
	"$before" "$@" || exit
fi

git_dir=\${GIT_DIR:-.git}
unset GIT_DIR

# Reads what the brackets of a subject say: n and m of [PATCH v2 n/m], and the
# rest, which is the same in all mails of a series. Nothing but the shell itself
# does this, as it is done for each mail.
read_part() {
	n=0 m=0 rest='' subject='' lines=0
	while IFS= read -r line && [ $lines -lt 300 ]; do
		lines=$((lines + 1))
		case $line in
		'') break ;;
		[Ss]ubject:*) subject=\${line#*:}; break ;;
		esac
	done < "$1"
	while subject=\${subject#"\${subject%%[! ]*}"}; do
		case $subject in
		\\[*\\]*) ;;
		*) break ;;
		esac
		bracket=\${subject#?}
		bracket=\${bracket%%\\]*}
		subject=\${subject#*\\]}
		set -f
		for word in $bracket; do
			case $word in
			*[!0-9/]* | /* | */ | */*/* | ??????????*) rest="$rest $word" ;;
			*/*) n=\${word%/*} m=\${word#*/} ;;
			*) rest="$rest $word" ;;
			esac
		done
		set +f
	done
	rest="$rest /$m"
}

# Whether a file is a later part of the series that $series, $part tell.
is_later() {
	[ -f "$1" ] || return 1
	read_part "$1"
	[ "$rest" = "$series" ] && [ "$n" -gt "$part" ]
}

siblings=
counter=\${GIT_SENDEMAIL_FILE_COUNTER:-} total=\${GIT_SENDEMAIL_FILE_TOTAL:-}
case $counter/$total in
/* | */ | *[!0-9/]*)
	# Before git 2.41 nothing tells which mail is the last. It is taken to be the
	# one with the highest number of its series in its folder, and what lies beside
	# it to be the rest of the series.
	read_part "$1"
	part=$n series=$rest
	if [ "$part" -lt "$m" ]; then
		folder=\${1%/*} ending=\${1##*/}
		case $ending in
		*.*) ending=.\${ending##*.} ;;
		*) ending= ;;
		esac
		passed=
		for file in "$folder"/*"$ending"; do
			[ -z "$passed" ] || ! is_later "$file" || exit 0
			[ "$file" != "$1" ] || passed=1
		done
		for file in "$folder"/*"$ending"; do
			[ "$file" != "$1" ] || break
			! is_later "$file" || exit 0
		done
	fi
	set -- "$1"
	siblings=--siblings
	;;
*)
	last=$1
	if [ "$total" -gt 1 ]; then
		list=$git_dir/copylint-series
		[ "$counter" -gt 1 ] || rm -f "$list"
		{ printf '%s\\n' "$1" >> "$list"; } 2> /dev/null
		[ "$counter" -ge "$total" ] || exit 0
		set --
		if [ -r "$list" ]; then
			while IFS= read -r file; do set -- "$@" "$file"; done < "$list"
			rm -f "$list"
		fi
	else
		set -- "$1"
	fi
	# The list cannot be written in a read-only repository, for example.
	if [ $# -ne "$total" ]; then
		set -- "$last"
		siblings=--siblings
	fi
	;;
esac

if [ ! -x "$program" ]; then
	if ! command -v copylint > /dev/null 2>&1; then
		echo "copylint: $program is gone, so the series was not checked; install copylint and its hook again"
		exit 0
	fi
	program=copylint
fi
report=$("$program" pre-send --fail-on "$level" $siblings -- "$@")
code=$?
if [ -n "$report" ]; then
	printf '%s\\n' "$report"
	exit 1
fi
case $code in
0 | 3 | 4) ;; # of 3 and 4, copylint said what there is to say
*) echo "copylint: it could not be run (exit code $code), so the series was not checked" ;;
esac
exit 0
`;

const sum = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** The hook for git: a POSIX shell script. */
export function hookScript(settings: HookSettings): string {
  const text = body(settings);
  return `#!/bin/sh\n${mark}${sum(text)}\n${text}`;
}

/** What a hook's text says of itself; undefined if it is none of ours. */
export function readHookScript(text: string): { readonly intact: boolean; readonly failOn: string } | undefined {
  const [first = "", second = "", ...rest] = text.split("\n");
  if (!first.startsWith("#!") || !second.startsWith(mark)) return undefined;
  const failOn = /^level=(\w+)$/m.exec(text)?.[1] ?? "";
  return { intact: first === "#!/bin/sh" && second === `${mark}${sum(rest.join("\n"))}`, failOn };
}
