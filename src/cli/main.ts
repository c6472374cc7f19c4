import manifest from "../../package.json" with { type: "json" };
import type { CiSteps } from "./ci.ts";
import { complaints, type ExitCode, exitCode, Refusal } from "./complaint.ts";
import { type Io, WriteError } from "./io.ts";
import { commandWords, type Invocation, readCommandLine } from "./program.ts";
import { complain, crashed } from "./terminal.ts";
import { workerWord } from "./workers.ts";

// Subcommands are imported when they are asked for: most runs are checks, and start-up is what they take longest for.

async function ruleIds(): Promise<readonly string[]> {
  return (await import("../../rules/index.ts")).rules.map((rule) => rule.id);
}

async function refuseUnknownRules(asked: readonly string[]): Promise<void> {
  const ids = await ruleIds();
  const unknown = asked.find((id) => !ids.includes(id));
  if (unknown === undefined) return;
  const { nearest } = await import("./nearest.ts");
  throw new Refusal(complaints.unknownRule(unknown, nearest(unknown, ids)));
}

async function run(invocation: Invocation, io: Io): Promise<ExitCode> {
  switch (invocation.command) {
    case "refuse":
      return complain(io, invocation.complaint);
    case "print":
      io.stdout.write(invocation.text);
      return exitCode.clean;
    case "check": {
      const { paths, options } = invocation;
      if (options.rules.length > 0) await refuseUnknownRules(options.rules);
      const [{ check }, { readInput }, { review }, { toolOf }, { writeWhole }] = await Promise.all([
        import("./check.ts"),
        import("./input.ts"),
        import("./reviewer.ts"),
        import("./tool.ts"),
        import("../host/write.ts"),
      ]);
      return check(paths, options, io, {
        readInput,
        review,
        tool: (asked) => toolOf(asked, io.program),
        write: (path, text, how) => writeWhole(path, text, io.cwd, how),
      });
    }
    case "ci": {
      const { paths, options } = invocation;
      if (options.rules.length > 0) await refuseUnknownRules(options.rules);
      const [
        { ci },
        { readInput },
        { reviewApart },
        { toolOf },
        { writeWhole },
        { readText },
        { gitLines },
        { makeClient },
      ] = await Promise.all([
        import("./ci.ts"),
        import("./input.ts"),
        import("./review-apart.ts"),
        import("./tool.ts"),
        import("../host/write.ts"),
        import("../host/files.ts"),
        import("../host/git.ts"),
        import("../host/http.ts"),
      ]);
      const apart = reviewApart(io);
      const steps: CiSteps = {
        readInput: (...asked) => {
          apart.warm();
          return readInput(...asked);
        },
        review: apart.review,
        tool: (asked) => toolOf(asked, io.program),
        write: (path, text, how) => writeWhole(path, text, io.cwd, how),
        readText: (path, most) => {
          const read = readText(path, io.cwd, most);
          if ("why" in read) throw new Error(read.why);
          return read.text;
        },
        headOf: (commit, wanted) => gitLines(io.cwd, commit, wanted),
        connect: makeClient,
        version: manifest.version,
      };
      return ci(paths, options, io, steps).finally(apart.close);
    }
    case "config": {
      const { configCommand } = await import("./config.ts");
      io.stdout.write(await configCommand(invocation.options, io));
      return exitCode.clean;
    }
    case "lsp": {
      const [{ lsp }, { reviewApart }] = await Promise.all([import("./lsp.ts"), import("./review-apart.ts")]);
      const apart = reviewApart(io);
      return lsp(invocation.options, io, apart).finally(apart.close);
    }
    case "completion": {
      const [{ completionScript }, ids] = await Promise.all([import("./completion.ts"), ruleIds()]);
      io.stdout.write(completionScript(invocation.shell, commandWords(manifest.version).commands, ids));
      return exitCode.clean;
    }
    case "man": {
      const { manPage } = await import("./man.ts");
      io.stdout.write(manPage(manifest.version, commandWords(manifest.version)));
      return exitCode.clean;
    }
    case "fix": {
      const { paths, options } = invocation;
      if (options.rules.length > 0) await refuseUnknownRules(options.rules);
      const [{ fix }, { readInput }, { review }] = await Promise.all([
        import("./fix.ts"),
        import("./input.ts"),
        import("./reviewer.ts"),
      ]);
      return fix(paths, options, io, { readInput, review });
    }
    case "list": {
      const [{ listText }, { rules }] = await Promise.all([import("./list.ts"), import("../../rules/index.ts")]);
      io.stdout.write(listText(rules, invocation.format));
      return exitCode.clean;
    }
    case "explain": {
      const { page } = await import("./explain.ts");
      io.stdout.write(page(invocation.rule, await ruleIds(), io.program));
      return exitCode.clean;
    }
    case "new-rule": {
      const { newRule } = await import("./new-rule.ts");
      io.stdout.write(newRule(invocation.id, io.cwd));
      return exitCode.clean;
    }
    case "facts": {
      const [{ facts }, { readInput }, { engineFacts }] = await Promise.all([
        import("./facts.ts"),
        import("./input.ts"),
        import("./reviewer.ts"),
      ]);
      return facts(invocation.paths, invocation.options, io, { readInput, engineFacts });
    }
    case "inbox": {
      const { options } = invocation;
      if (options.rules.length > 0) await refuseUnknownRules(options.rules);
      return (await import("./inbox.ts")).inbox(options, io);
    }
    case "hook": {
      const { hook } = await import("./hook.ts");
      io.stdout.write(hook(invocation.options, io));
      return exitCode.clean;
    }
    case "pre-send": {
      const [{ preSend }, { readInput }, { review }] = await Promise.all([
        import("./pre-send.ts"),
        import("./input.ts"),
        import("./reviewer.ts"),
      ]);
      return preSend(invocation.files, invocation.options, io, { readInput, review });
    }
    case "run": {
      const [{ run: execute }, { readInput }, { review }] = await Promise.all([
        import("./run.ts"),
        import("./input.ts"),
        import("./reviewer.ts"),
      ]);
      return execute(invocation.paths, invocation.options, io, { readInput, review });
    }
    case "model": {
      const { modelCommand } = await import("./model.ts");
      const done = modelCommand(invocation.options);
      if ("usage" in done) return complain(io, complaints.model(done.usage));
      io.stdout.write(done.out);
      return done.code as ExitCode;
    }
  }
}

/**
 * The program: reads the command line, does what it says, and returns the exit code. Writes to the streams of `io` only.
 * @param argv the arguments, without the names of node and of the program.
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    if (argv[0] === workerWord) return await (await import("./worker.ts")).work(Number(argv[1]));
    return await run(readCommandLine(argv, manifest.version), io);
  } catch (error) {
    if (error instanceof Refusal) return complain(io, error.complaint);
    if (error instanceof WriteError) return complain(io, complaints.notWritten(error.message));
    return crashed(io, error, `running copylint ${argv[0] ?? ""}`.trimEnd());
  }
}
