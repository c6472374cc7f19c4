import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Level } from "../finding/finding.ts";
import { formatNames } from "../report/reporter.ts";
import { type Complaint, complaints } from "./complaint.ts";
import type { ModelOptions } from "./model.ts";
import { nearest } from "./nearest.ts";

/** Findings of this level and above give exit code 1. */
export type FailOn = "error" | "warning" | "check" | "never";

/** How to colour: as asked for, or undefined to decide from the environment and the terminal. */
export type ColorChoice = boolean | undefined;

/** Options of `copylint check`. */
export interface CheckOptions {
  /** Folder of a kernel checkout, as given. */
  readonly tree?: string;
  /** What standard output gets. */
  readonly format: string;
  /** Reports that go to files, in the order given. */
  readonly files: readonly { readonly format: string; readonly path: string }[];
  readonly failOn: FailOn;
  /** A tree that does not match gives exit code 3. */
  readonly strictInput: boolean;
  /** Ids of the rules to run; empty for all. */
  readonly rules: readonly string[];
  readonly verbose: boolean;
  readonly color: ColorChoice;
  /** Execute the patch's own code. */
  readonly run: boolean;
}

/** Options of `copylint facts`. */
export interface FactsOptions {
  readonly tree?: string;
  readonly format: "terminal" | "json";
}

/** What `copylint hook` is to do. */
export interface HookOptions {
  readonly action: "install" | "uninstall" | "status";
  /** Whose hook; undefined for all that apply. */
  readonly tool: "git" | "b4" | undefined;
  readonly scope: "local" | "global";
  readonly failOn: Level;
}

/** Options of `copylint pre-send`. */
export interface PreSendOptions {
  readonly failOn: Level;
  /** Only the last mail is given: the rest of its series lies beside it. */
  readonly siblings: boolean;
}

/** Options of `copylint run`, as they were typed; their values are read where the series is known. */
export interface RunOptions {
  readonly function?: string;
  readonly replay?: string;
  readonly list?: boolean;
  readonly arg?: readonly string[];
  readonly limit?: readonly string[];
  readonly block?: string;
  readonly sync?: boolean;
  readonly callback?: boolean;
  readonly gfp?: string;
  readonly incapable?: boolean;
  readonly fail?: readonly string[];
  readonly order?: string;
  readonly tree?: string;
  readonly format: "text" | "json";
}

/** Options of `copylint ci`. */
export interface CiOptions {
  /** Whose way to report; undefined for that of the CI that this runs in. */
  readonly host: "github" | "gitlab" | "patchwork" | "plain" | undefined;
  readonly base?: string;
  readonly files: CheckOptions["files"];
  readonly failOn: FailOn;
  readonly strictInput: boolean;
  readonly rules: readonly string[];
  readonly verbose: boolean;
  readonly run: boolean;
  /** Comments on one request, at most. */
  readonly comments: number;
  /** File for another workflow to post. */
  readonly save?: string;
  /** File of another workflow. */
  readonly from?: string;
}

/** Options of `copylint fix`. */
export interface FixOptions {
  readonly tree?: string;
  readonly rules: readonly string[];
  readonly dryRun: boolean;
  /** Folder for fixup patches, as given. */
  readonly outputDir: string;
  /** Write fixup patches where the work tree could be edited. */
  readonly patches: boolean;
  /** Replace files that are there. */
  readonly force: boolean;
  readonly failOn: FailOn;
  readonly run: boolean;
}

/** What a command line asks for. */
export type Invocation =
  | { readonly command: "check"; readonly paths: readonly string[]; readonly options: CheckOptions }
  | { readonly command: "ci"; readonly paths: readonly string[]; readonly options: CiOptions }
  | { readonly command: "fix"; readonly paths: readonly string[]; readonly options: FixOptions }
  | { readonly command: "list"; readonly format: "terminal" | "json" }
  | { readonly command: "explain"; readonly rule: string }
  | { readonly command: "new-rule"; readonly id: string }
  | { readonly command: "facts"; readonly paths: readonly string[]; readonly options: FactsOptions }
  | { readonly command: "model"; readonly options: ModelOptions }
  | { readonly command: "run"; readonly paths: readonly string[]; readonly options: RunOptions }
  | { readonly command: "hook"; readonly options: HookOptions }
  | { readonly command: "pre-send"; readonly files: readonly string[]; readonly options: PreSendOptions }
  /** Help or the version was asked for. */
  | { readonly command: "print"; readonly text: string }
  | { readonly command: "refuse"; readonly complaint: Complaint };

const textOrJson = (): Option =>
  new Option("--format <format>", "how to print it").choices(["terminal", "json"]).default("terminal");

const collect = (value: string, sofar: readonly string[] = []): readonly string[] => [...sofar, value];

/** Where a report goes; no path is standard output. */
interface OutputChoice {
  readonly format: string;
  readonly path?: string;
}

/** Reads FORMAT or FORMAT=FILE; the file `-` is standard output. */
function outputChoice(value: string, sofar: readonly OutputChoice[] = []): readonly OutputChoice[] {
  const [, format = "", path] = /^([^=]*)(?:=([^]*))?$/.exec(value) ?? [];
  if (!formatNames.includes(format)) throw new InvalidArgumentError(`Allowed choices are ${formatNames.join(", ")}.`);
  if (path === "") throw new InvalidArgumentError("Expected a file behind the =.");
  return [...sofar, path === undefined || path === "-" ? { format } : { format, path }];
}

/** The one report for standard output and those for files, or a complaint if two would get into each other's way. */
function arranged(
  format: string | undefined,
  outputs: readonly OutputChoice[],
): Pick<CheckOptions, "format" | "files"> | Complaint {
  const all: readonly OutputChoice[] = format === undefined ? outputs : [{ format }, ...outputs];
  for (const [i, { format: other, path }] of all.entries()) {
    const before = all.slice(0, i).find((choice) => choice.path === path);
    if (before !== undefined) return complaints.twoOutputs(before.format, other, path ?? "standard output");
  }
  const files = all.flatMap((choice) =>
    choice.path === undefined ? [] : [{ format: choice.format, path: choice.path }],
  );
  return { format: all.find((choice) => choice.path === undefined)?.format ?? "terminal", files };
}

/** Reads FORMAT=FILE. */
function fileChoice(value: string, sofar: readonly OutputChoice[] = []): readonly OutputChoice[] {
  const all = outputChoice(value, sofar);
  if (all.at(-1)?.path === undefined) throw new InvalidArgumentError("Expected a file behind the format: FORMAT=FILE.");
  return all;
}

function commentsChoice(value: string): number {
  if (!/^\d{1,3}$/.test(value)) throw new InvalidArgumentError("Expected a whole number from 0 to 999.");
  return Number(value);
}

const ciEnvironment = `What the environment has to say, beside what CI sets by itself:

  GITHUB_TOKEN     to make a check and comment on a pull request
  GITLAB_TOKEN     to comment on a merge request
  PATCHWORK_URL, PATCHWORK_TOKEN

Without a token, GitHub gets workflow commands and the summary of the step, and
GitLab what --output gitlab=FILE writes. docs/ has a page for each host.`;

const blockingLevel = (): Option =>
  new Option("--fail-on <level>", "stop the sending on findings of this level and above")
    .choices(["error", "warning", "check"])
    .default("error");

const paths = `PATHS are patch files, folders of them (format-patch output or a maildir),
mboxes, - for standard input, or git ranges such as main..topic.`;

const exitCodes = `Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, 3 some input was
not understood (the rest was reviewed), 4 internal error.`;

const fixExitCodes = `Exit codes: 0 clean, 1 findings at or above --fail-on are left, 2 usage, 3 some
input was not understood (the rest was reviewed), 4 internal error.`;

const runExamples = `Examples:

  copylint run out --list
  copylint run out --function blkdev_copy_offload --fail alloc:2
  copylint run out --function blkdev_copy_offload --arg len=3*chunk \\
      --fail chunk:1 --order 2,1,3
  copylint run out --function blkdev_copy_offload --arg len=chunk+256B --sync
  copylint run out --replay 0123456789ab

VALUE is a number in the parameter's own unit (12, 0x40), or a size: 8KiB, 2MiB,
64s (sectors of 512 bytes), chunk (the limit of a chunk), block, page; with
+ - * / and brackets. The Nth range of several is NAME[N-1]=VALUE. What every
function has: from, to and len.

Exit codes: 0 the run keeps all properties, 1 it breaks some, 2 usage, 3 the code
could not be executed or some input was not understood, 4 internal error.`;

type Decide = (invocation: Invocation) => void;

/** The subcommands, in the order of the help; each adds its arguments and options to a fresh command. */
const subcommands: Readonly<Record<string, { summary: string; define: (command: Command, decide: Decide) => void }>> = {
  check: {
    summary: "review patches",
    define: (command, decide) =>
      command
        .description(`Reviews patches.\n\n${paths}`)
        .argument("[paths...]", "what to review")
        .option("--tree <dir>", "kernel checkout at the base of the series: more is shown, more can be said")
        .addOption(new Option("--format <format>", "how to print the review (default: terminal)").choices(formatNames))
        .option(
          "--output <format[=file]>",
          "the same as --format; with a file, a report that goes there (may be repeated)",
          outputChoice,
        )
        .addOption(
          new Option("--fail-on <level>", "exit with 1 on findings of this level and above")
            .choices(["error", "warning", "check", "never"])
            .default("warning"),
        )
        .option("--strict-input", "a tree that does not match the patches gives exit code 3")
        .option("--rule <id>", "run this rule only (may be repeated)", collect)
        .option("-v, --verbose", "also list what was not checked, and why")
        .option("--color", "colour, whatever the output is")
        .option("--no-color", "no colour")
        .option("--no-run", "do not execute the patch's own code inside the model")
        .addHelpText("after", `\n${exitCodes}`)
        .action((given: string[], o) => {
          const { tree, failOn, strictInput = false, rule: rules = [], verbose = false, color, run } = o;
          const outputs = arranged(o.format, o.output ?? []);
          if ("title" in outputs) return decide({ command: "refuse", complaint: outputs });
          const options = { tree, ...outputs, failOn, strictInput, rules, verbose, color, run };
          decide({ command: "check", paths: given, options });
        }),
  },
  ci: {
    summary: "review what a pull request brings, and report where it is discussed",
    define: (command, decide) => {
      const hosts = ["github", "gitlab", "patchwork", "plain"] as const;
      const host = (name: string, what: string): Option =>
        new Option(`--${name}`, what).conflicts(hosts.filter((other) => other !== name));
      command
        .description(
          "Reviews the commits of a pull request, a merge request or a push as `copylint check` does, and reports as the host has it: GitHub Actions, GitLab CI, or neither.",
        )
        .argument("[paths...]", "mails, for --patchwork and --plain")
        .addOption(host("github", "report to GitHub, whatever the environment looks like"))
        .addOption(host("gitlab", "report to GitLab"))
        .addOption(host("patchwork", "review mails, and post a check for each on patchwork"))
        .addOption(host("plain", "print only"))
        .option("--base <rev>", "review what HEAD has on top of this, instead of what CI says")
        .option("--output <format=file>", "also write a report (may be repeated)", fileChoice)
        .addOption(
          new Option("--fail-on <level>", "exit with 1 on findings of this level and above")
            .choices(["error", "warning", "check", "never"])
            .default("warning"),
        )
        .addOption(
          new Option("--comments <n>", "comments on one request, at most; all findings are in the summary")
            .default(30)
            .argParser(commentsChoice),
        )
        .option("--save <file>", "also write what is to be posted, for a workflow with more rights")
        .option("--from <file>", "review nothing: post what another workflow saved")
        .option("--strict-input", "a tree that does not match the patches gives exit code 3")
        .option("--rule <id>", "run this rule only (may be repeated)", collect)
        .option("-v, --verbose", "also list what was not checked, and why")
        .option("--no-run", "do not execute the patch's own code inside the model")
        .addHelpText("after", `\n${ciEnvironment}\n\n${exitCodes}`)
        .action((given: string[], o) => {
          const { base, failOn, comments, save, from, strictInput = false, rule: rules = [], verbose = false, run } = o;
          const outputs = arranged(undefined, o.output ?? []);
          if ("title" in outputs) return decide({ command: "refuse", complaint: outputs });
          const options = {
            base,
            files: outputs.files,
            failOn,
            comments,
            save,
            from,
            strictInput,
            rules,
            verbose,
            run,
          };
          decide({ command: "ci", paths: given, options: { host: hosts.find((name) => o[name]), ...options } });
        });
    },
  },
  fix: {
    summary: "write the edits that keep what the code means",
    define: (command, decide) =>
      command
        .description(
          `Writes edits that keep what the code means, and lists the other findings. Of mails it makes fixup! patches, which git am puts on top of the series. A git range that ends in HEAD is edited in the work tree, if the files are clean there.\n\n${paths}`,
        )
        .argument("[paths...]", "the series")
        .option("--rule <id>", "fix what this rule finds only (may be repeated)", collect)
        .option("--dry-run", "print the edits as a diff, and write nothing")
        .option("--output-dir <dir>", "where fixup! patches go; made if it is not there", ".")
        .option("--patches", "write fixup! patches also where the work tree could be edited")
        .option("--force", "replace files that are there")
        .option("--tree <dir>", "kernel checkout at the base of the series")
        .addOption(
          new Option("--fail-on <level>", "exit with 1 if findings of this level and above are left")
            .choices(["error", "warning", "check", "never"])
            .default("warning"),
        )
        .option("--no-run", "do not execute the patch's own code inside the model")
        .addHelpText("after", `\n${fixExitCodes}`)
        .action((given: string[], o) => {
          const { tree, rule: rules = [], dryRun = false, outputDir, patches = false, force = false, failOn, run } = o;
          const options = { tree, rules, dryRun, outputDir, patches, force, failOn, run };
          decide({ command: "fix", paths: given, options });
        }),
  },
  list: {
    summary: "list the rules",
    define: (command, decide) =>
      command
        .description("Lists the rules with their levels.")
        .addOption(textOrJson())
        .action((o) => decide({ command: "list", format: o.format })),
  },
  explain: {
    summary: "print the page of a rule",
    define: (command, decide) =>
      command
        .description("Prints the page of a rule: the review point, what goes wrong, and what to do instead.")
        .argument("<rule>", "id of the rule, as `copylint list` prints it")
        .action((rule: string) => decide({ command: "explain", rule })),
  },
  hook: {
    summary: "have git send-email or b4 run copylint",
    define: (command, decide) =>
      command
        .description(
          "Installs copylint as a hook of git send-email, or as a check of b4; removes it, or says what is installed. A hook that is there already is kept, and runs first.",
        )
        .addArgument(new Argument("<action>", "what to do").choices(["install", "uninstall", "status"]))
        .addArgument(new Argument("[tool]", "whose hook: git to install, else both").choices(["git", "b4"]))
        .addOption(new Option("--local", "for this repository (default)").conflicts("global"))
        .option("--global", "for all your repositories")
        .addOption(blockingLevel())
        .action((action, tool, o) => {
          const scope = o.global ? "global" : "local";
          decide({ command: "hook", options: { action, tool, scope, failOn: o.failOn } });
        }),
  },
  "pre-send": {
    summary: "what the hook of git send-email runs",
    define: (command, decide) =>
      command
        .description(
          "Reviews a series that is about to be sent. Prints one screen and exits with 1 if that should be stopped; is silent if not.",
        )
        .argument("<files...>", "the mails of the series")
        .addOption(blockingLevel())
        .option("--siblings", "the rest of the series lies beside the one file that is given")
        .action((files: string[], { failOn, siblings = false }) =>
          decide({ command: "pre-send", files, options: { failOn, siblings } }),
        ),
  },
  "new-rule": {
    summary: "start a rule (in a checkout of copylint)",
    define: (command, decide) =>
      command
        .description("Writes rules/<id>/ from a template and adds the rule to rules/index.ts.")
        .argument("<id>", "names the defect, in small letters with hyphens: plug-per-chunk")
        .action((id: string) => decide({ command: "new-rule", id })),
  },
  facts: {
    summary: "print what is known of the copy engine in a series",
    define: (command, decide) =>
      command
        .description(`Prints the facts about the copy engine that a series builds, shown or not shown.\n\n${paths}`)
        .argument("[paths...]", "what to read")
        .option("--tree <dir>", "kernel checkout at the base of the series")
        .addOption(textOrJson())
        .action((given: string[], o) => decide({ command: "facts", paths: given, options: o })),
  },
  run: {
    summary: "execute one function of a series inside the model",
    define: (command, decide) =>
      command
        .description(
          `Executes one function of a series inside the model, and prints each step: the\nline of source, what happens, and what objects and variables hold from then on.\n\n${paths}`,
        )
        .argument("[paths...]", "the series")
        .option("--function <name>", "what to call")
        .option("--replay <fingerprint>", "the run of a finding: 6 or more digits of its fingerprint")
        .option("--list", "what can be called, with which parameters; and what cannot, and why")
        .option("--arg <name=value>", "a parameter: len=3*chunk (may be repeated)", collect)
        .option("--limit <name=value>", "a limit of the device that the series adds (may be repeated)", collect)
        .option("--block <bytes>", "the logical block size of the device (512)")
        .option("--sync", "without a callback")
        .option("--callback", "with a callback")
        .option("--gfp <mode>", "wait or nowait: whether an allocation may sleep (wait)")
        .option("--incapable", "the device has nothing of what the series adds")
        .option("--fail <what>", "alloc:n, chunk:n, early:n or sleep:n fails (may be repeated)", collect)
        .option("--order <list>", "chunks in the order in which they complete: 2,1,3")
        .option("--tree <dir>", "kernel checkout at the base of the series")
        .addOption(new Option("--format <format>", "how to print it").choices(["text", "json"]).default("text"))
        .addHelpText("after", `\n${runExamples}`)
        .action((given: string[], o) => decide({ command: "run", paths: given, options: o })),
  },
  model: {
    summary: "run the reference model by hand",
    define: (command, decide) =>
      command
        .description("Runs the built-in reference model of a copy engine and prints what comes out.")
        .option("--variant <choices>", "knob=value,...: plug=per-chunk,progress=min-offset")
        .option("--chunks <n>", "number of chunks of the copy (2)")
        .option("--chunk-sectors <n>", "length of a chunk in sectors of 512 bytes (128)")
        .option("--fail <what>", "chunk:n or alloc:n (may be repeated)", collect)
        .option("--order <list>", "chunks in the order in which they complete: 2,1,3")
        .option("--gfp <mode>", "wait or nowait: whether bio_alloc() may sleep, and so cannot fail (nowait)")
        .option("--caller-plug", "the caller holds a plug")
        .option("--explore", "run every schedule and every failure, and say how many there were")
        .option("--failures <n>", "with --explore: things that go wrong in one run (2)")
        .option("--preemptions <n>", "with --explore: interruptions in one run (1)")
        .option("--property <id>", "show the run that breaks this property")
        .option("--format <format>", "text or json (text)")
        .action((options: ModelOptions) => decide({ command: "model", options })),
  },
};

/** The command line as commander sees it. A subcommand that is not asked for need not be defined in full. */
function build(version: string, asked: string, decide: Decide): Command {
  const program = new Command("copylint")
    .description("Reviews patch series for the copy offload of the Linux kernel.")
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false);
  const all = !Object.hasOwn(subcommands, asked);
  for (const [name, { summary, define }] of Object.entries(subcommands)) {
    if (all || name === asked) define(program.command(name).summary(summary), decide);
  }
  return program;
}

/** Commander's message as the sentence and the hint of a complaint. */
function usageComplaint(error: CommanderError, argv: readonly string[], commands: readonly string[]): Complaint {
  const [first = "", suggestion] = error.message
    .replace(/^error: /, "")
    .replace(/\. Allowed choices are (.*)\.$/, ": it must be one of $1")
    .replace(/\. Expected (.*)\.$/, ": expected $1")
    .split("\n");
  const command = commands.find((name) => name === argv[0]);
  if (error.code === "commander.unknownCommand") {
    const word = /'(.*)'/s.exec(first)?.[1] ?? "";
    const meant = nearest(word, commands);
    if (meant === undefined && word !== "") return complaints.notACommand(word);
    return complaints.commandLine(first, meant === undefined ? "see copylint --help" : `did you mean ${meant}?`);
  }
  const hint = suggestion?.replace(/^\((.*)\)$/, "$1").replace(/^Did/, "did");
  return complaints.commandLine(first, hint ?? `see copylint ${command === undefined ? "" : `${command} `}--help`);
}

/**
 * Reads a command line.
 * @param argv without the program's own name.
 * @param version what `--version` prints.
 */
export function readCommandLine(argv: readonly string[], version: string): Invocation {
  let invocation: Invocation | undefined;
  let text = "";
  const program = build(version, argv[0] ?? "", (it) => {
    invocation = it;
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (chunk) => {
        text += chunk;
      },
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => 80,
      getOutHasColors: () => false,
    });
  }
  try {
    if (argv.length === 0) return { command: "refuse", complaint: complaints.noCommand() };
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { command: "print", text };
    return { command: "refuse", complaint: usageComplaint(error, argv, Object.keys(subcommands)) };
  }
  return invocation ?? { command: "print", text };
}
