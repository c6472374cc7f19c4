import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Level } from "../finding/finding.ts";
import { formatNames } from "../report/reporter.ts";
import { budgets } from "../sift/config.ts";
import { type Complaint, complaints } from "./complaint.ts";
import type { ModelOptions } from "./model.ts";
import { nearest } from "./nearest.ts";

/** Findings of this level and above give exit code 1. */
export type FailOn = "error" | "warning" | "check" | "never";

/** How to colour: as asked for, or undefined to decide from the environment and the terminal. */
export type ColorChoice = boolean | undefined;

/** How drafts of mails are made. */
export interface MailOptions {
  /** The sender, as given; absent: whoever sends the drafts. */
  readonly from?: string;
  /** Folder for the drafts of standard output, as given; absent: they go there as one mbox. */
  readonly dir?: string;
  /** Replace files that hold something else. */
  readonly force: boolean;
}

/** Options of `copylint check`. */
export interface CheckOptions {
  /** For the format `mail`; absent: nothing was said about it. */
  readonly mail?: MailOptions;
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
  /** Runs of the patch's own code; absent: as many as are useful. */
  readonly budget?: number;
  /** The configuration file; false for none, absent for the nearest one. */
  readonly config?: string | false;
  /** Findings in this file are not reported. */
  readonly baseline?: string;
  /** A baseline of all that is found is written there. */
  readonly writeBaseline?: string;
  /** Whether what a patch's author has ignored is set aside; absent: it is. If not, it is reported, with what the author says. */
  readonly authorIgnores?: boolean;
  /** Levels of rules in place of their own, and patterns of the files that findings are reported in: a configuration says so. */
  readonly levels?: ReadonlyMap<string, Level | "off">;
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  /** Which of all these the command line itself says; the rest may come from a configuration. */
  readonly typed?: readonly (keyof CheckOptions)[];
}

/** Options of `copylint config`. */
export interface ConfigOptions {
  readonly config?: string | false;
  readonly schema?: "config" | "baseline";
  readonly format: "terminal" | "json";
}

/** Options of `copylint inbox`. */
export interface InboxOptions {
  /** The archive, as given. */
  readonly repo: string;
  readonly outputDir: string | undefined;
  readonly state: string | undefined;
  readonly log: string | undefined;
  /** A commit behind which the first run begins. */
  readonly since: string | undefined;
  /** i/n. */
  readonly shard: string | undefined;
  readonly jobs: number;
  /** Mails after which no more parts of a series are waited for. */
  readonly wait: number;
  /** Review what is not complete, too, when all is read. */
  readonly close: boolean;
  readonly from: string | undefined;
  readonly rules: readonly string[];
  readonly run: boolean;
  readonly progress: boolean;
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
  readonly config?: string | false;
}

/** Options of `copylint run`, as they were typed; their values are read where the series is known. */
export interface RunOptions {
  readonly function?: string;
  readonly replay?: string;
  readonly list?: boolean;
  readonly arg?: readonly string[];
  readonly limit?: readonly string[];
  readonly block?: string;
  readonly bits?: string;
  readonly page?: string;
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
  /** The configuration file; false for none: what the patches bring along is not read. */
  readonly config: string | false;
  readonly baseline?: string;
  /** Which of these the command line itself says. */
  readonly typed: readonly (keyof CheckOptions)[];
  /** Comments on one request, at most. */
  readonly comments: number;
  /** File for another workflow to post. */
  readonly save?: string;
  /** File of another workflow. */
  readonly from?: string;
}

/** Options of `copylint lsp`. */
export interface LspOptions {
  readonly base: string;
  readonly config?: string | false;
}

/** Shells that words can be completed in. */
export type Shell = "bash" | "zsh" | "fish";

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
  | { readonly command: "config"; readonly options: ConfigOptions }
  | { readonly command: "fix"; readonly paths: readonly string[]; readonly options: FixOptions }
  | { readonly command: "list"; readonly format: "terminal" | "json" }
  | { readonly command: "explain"; readonly rule: string }
  | { readonly command: "new-rule"; readonly id: string }
  | { readonly command: "facts"; readonly paths: readonly string[]; readonly options: FactsOptions }
  | { readonly command: "model"; readonly options: ModelOptions }
  | { readonly command: "run"; readonly paths: readonly string[]; readonly options: RunOptions }
  | { readonly command: "inbox"; readonly options: InboxOptions }
  | { readonly command: "hook"; readonly options: HookOptions }
  | { readonly command: "lsp"; readonly options: LspOptions }
  | { readonly command: "completion"; readonly shell: Shell }
  | { readonly command: "man" }
  | { readonly command: "pre-send"; readonly files: readonly string[]; readonly options: PreSendOptions }
  /** Help or the version was asked for. */
  | { readonly command: "print"; readonly text: string }
  | { readonly command: "refuse"; readonly complaint: Complaint };

const textOrJson = (): Option =>
  new Option("--format <format>", "how to print it").choices(["terminal", "json"]).default("terminal");

const collect = (value: string, sofar: readonly string[] = []): readonly string[] => [...sofar, value];

/** Reads a whole number that is not below another. */
const numberFrom =
  (least: number) =>
  (value: string): number => {
    if (!/^\d{1,6}$/.test(value) || Number(value) < least)
      throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
    return Number(value);
  };

/** Reads i/n. */
function shardOf(value: string): string {
  const [, i = "", n = ""] = /^(\d{1,4})\/(\d{1,4})$/.exec(value) ?? [];
  if (i === "" || Number(i) < 1 || Number(i) > Number(n)) throw new InvalidArgumentError("Expected i/n, as in 1/4.");
  return `${Number(i)}/${Number(n)}`;
}

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

/** An option that has nothing to do, as no drafts are made or none goes to files of a folder; undefined if all have. */
function strayMailOption(
  o: { readonly outputDir?: string; readonly from?: string; readonly force?: boolean },
  { format, files }: Pick<CheckOptions, "format" | "files">,
): string | undefined {
  const isMail = format === "mail";
  if (o.outputDir !== undefined && !isMail) return "--output-dir";
  if (o.from !== undefined && !isMail && !files.some((file) => file.format === "mail")) return "--from";
  return o.force && o.outputDir === undefined ? "--force" : undefined;
}

const blockingLevel = (): Option =>
  new Option("--fail-on <level>", "stop the sending on findings of this level and above")
    .choices(["error", "warning", "check"])
    .default("error");

/** Reads a number of runs. */
function runsOf(value: string): number {
  const runs = /^\d{1,7}$/.test(value) ? Number(value) : 0;
  if (runs < budgets.least || runs > budgets.most)
    throw new InvalidArgumentError(`Expected a number from ${budgets.least} to ${budgets.most}.`);
  return runs;
}

const configOptions = (command: Command): Command =>
  command
    .option("--config <file>", "read this configuration, not the nearest .copylintrc.yaml or .copylintrc.json")
    .option("--no-config", "read no configuration");

/** What of a command's options was typed, by the names under which a check knows them. */
function typedOf(command: Command): readonly (keyof CheckOptions)[] {
  const names: Readonly<Record<string, keyof CheckOptions>> = { output: "files", rule: "rules" };
  const typed = command.options.map((option) => option.attributeName());
  const given = typed.filter((name) => command.getOptionValueSource(name) === "cli");
  return [...new Set(given.map((name) => names[name] ?? (name as keyof CheckOptions)))];
}

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

const completionExamples = `In ~/.bashrc:

  eval "$(copylint completion bash)"

In ~/.zshrc, behind compinit:

  eval "$(copylint completion zsh)"

For fish, once:

  copylint completion fish > ~/.config/fish/completions/copylint.fish`;

type Decide = (invocation: Invocation) => void;

/** The subcommands, in the order of the help; each adds its arguments and options to a fresh command. */
const subcommands: Readonly<Record<string, { summary: string; define: (command: Command, decide: Decide) => void }>> = {
  check: {
    summary: "review patches",
    define: (command, decide) =>
      configOptions(command)
        .description(`Reviews patches.\n\n${paths}`)
        .argument("[paths...]", "what to review")
        .option("--tree <dir>", "kernel checkout at the base of the series: more is shown, more can be said")
        .addOption(new Option("--format <format>", "how to print the review (default: terminal)").choices(formatNames))
        .option(
          "--output <format[=file]>",
          "the same as --format; with a file, a report that goes there (may be repeated)",
          outputChoice,
        )
        .option("--output-dir <dir>", "with --format mail: write each draft into a file of this folder")
        .option("--from <sender>", "with --format mail: who sends the drafts (default: left to git send-email)")
        .option("--force", "with --output-dir: replace files that hold something else")
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
        .option("--budget <runs>", "execute it so many times at most, all functions of a series together", runsOf)
        .option("--baseline <file>", "do not report what is in this file")
        .option("--write-baseline <file>", "write all that is found to this file, as known")
        .option("--no-author-ignores", "report what Copylint-ignore lines speak against, with what they say")
        .addHelpText("after", `\n${exitCodes}`)
        .action((given: string[], o, self: Command) => {
          const { tree, failOn, strictInput = false, rule: rules = [], verbose = false, color, run } = o;
          const { budget, config, baseline, writeBaseline, authorIgnores } = o;
          const outputs = arranged(o.format, o.output ?? []);
          if ("title" in outputs) return decide({ command: "refuse", complaint: outputs });
          const stray = strayMailOption(o, outputs);
          if (stray !== undefined) return decide({ command: "refuse", complaint: complaints.onlyForMail(stray) });
          const drafts = { from: o.from, dir: o.outputDir, force: o.force ?? false };
          const mail = (o.from ?? o.outputDir) ? drafts : undefined;
          const sifting = { budget, config, baseline, writeBaseline, authorIgnores, typed: typedOf(self) };
          const options = { tree, ...outputs, mail, failOn, strictInput, rules, verbose, color, run, ...sifting };
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
        .option("--config <file>", "read this configuration; without it none is read, as the patches may bring one")
        .option("--baseline <file>", "do not report what is in this file")
        .option("--rule <id>", "run this rule only (may be repeated)", collect)
        .option("-v, --verbose", "also list what was not checked, and why")
        .option("--no-run", "do not execute the patch's own code inside the model")
        .addHelpText("after", `\n${ciEnvironment}\n\n${exitCodes}`)
        .action((given: string[], o, self: Command) => {
          const { config = false, baseline } = o;
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
            config,
            baseline,
            typed: typedOf(self),
          };
          decide({ command: "ci", paths: given, options: { host: hosts.find((name) => o[name]), ...options } });
        });
    },
  },
  inbox: {
    summary: "draft replies to the new series of a list archive",
    define: (command, decide) =>
      command
        .description(
          "Reads a public-inbox archive from where the last run ended, reviews the series that are complete, and writes drafts of replies and a log. It sends nothing.",
        )
        .argument("<repo>", "an inbox with git/0.git, git/1.git, ..., or one such git repository")
        .option("--output-dir <dir>", "where the drafts go, a folder for each series")
        .option("--state <file>", "where the last run ended (default: state.json in the folder of the drafts)")
        .option("--log <file>", "a line of JSON for each series (default: log.jsonl in that folder)")
        .option("--since <commit>", "in the first run, read what came after this commit only")
        .option("--wait <mails>", "mails to wait for the missing parts of a series", numberFrom(1), 1000)
        .option("--close", "at the end, do not wait for missing parts: no more mails will come")
        .option("--shard <i/n>", "the i-th of n parts of all threads", shardOf)
        .option("--jobs <n>", "reviews at the same time", numberFrom(1), 1)
        .option("--from <sender>", "who sends the drafts; series of theirs are not reviewed")
        .option("--rule <id>", "run this rule only (may be repeated)", collect)
        .option("--no-run", "do not execute the code of the patches inside the model")
        .option("--progress", "say how far it is, although standard error is no terminal")
        .action((repo: string, o) => {
          const { outputDir, state, log, since, shard, jobs, wait, from, rule: rules = [], run } = o;
          const { close = false, progress = false } = o;
          const named = { outputDir, state, log, since, shard, from };
          decide({ command: "inbox", options: { repo, ...named, jobs, wait, close, rules, run, progress } });
        }),
  },
  config: {
    summary: "print what configuration is in force",
    define: (command, decide) =>
      configOptions(command)
        .description(
          "Prints the settings that a check would start from here, and where each comes from. Options of a check go before a configuration file, and that before what is built in.",
        )
        .addOption(
          new Option("--schema [of]", "print the JSON schema of a configuration, or of a baseline").choices([
            "config",
            "baseline",
          ]),
        )
        .addOption(textOrJson())
        .action(({ schema, config, format }) =>
          decide({ command: "config", options: { schema: schema === true ? "config" : schema, config, format } }),
        ),
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
      configOptions(command)
        .description(
          "Reviews a series that is about to be sent. Prints one screen and exits with 1 if that should be stopped; is silent if not.",
        )
        .argument("<files...>", "the mails of the series")
        .addOption(blockingLevel())
        .option("--siblings", "the rest of the series lies beside the one file that is given")
        .action((files: string[], { failOn, siblings = false, config }) =>
          decide({ command: "pre-send", files, options: { failOn, siblings, config } }),
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
        .option("--bits <n>", "32 or 64: what the kernel is built for (64)")
        .option("--page <bytes>", "4096 or 65536: the size of a page (4096)")
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
  lsp: {
    summary: "what editors run: a language server",
    define: (command, decide) =>
      configOptions(command)
        .description(
          "Speaks the language server protocol on standard input and output: findings in patch files, and in C files what the working tree has brought about since --base.",
        )
        .option("--base <commit>", "what C files are held against", "HEAD")
        .option("--stdio", "how to speak, which is the only way")
        .action(({ base, config }) => decide({ command: "lsp", options: { base, config } })),
  },
  completion: {
    summary: "print what a shell needs to complete words",
    define: (command, decide) =>
      command
        .description("Prints a script that completes commands, options, formats, rules and files in a shell.")
        .addArgument(new Argument("<shell>", "whose").choices(["bash", "zsh", "fish"]))
        .addHelpText("after", `\n${completionExamples}`)
        .action((shell: Shell) => decide({ command: "completion", shell })),
  },
  man: {
    summary: "print the man page",
    define: (command, decide) =>
      command
        .description("Prints the man page of all commands: copylint man | man -l -")
        .action(() => decide({ command: "man" })),
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

/** An option of a command, as a man page and a shell need it. */
export interface OptionWords {
  /** As in the help: "-v, --verbose", "--tree <dir>". */
  readonly flags: string;
  /** Each with its dashes, the short one first. */
  readonly names: readonly string[];
  /** What its value is called: "dir"; undefined if it has none. */
  readonly value: string | undefined;
  /** Its value may be left out. */
  readonly bare: boolean;
  readonly choices: readonly string[];
  /** With the default, if there is one. */
  readonly says: string;
}

/** A subcommand, as a man page and a shell need it. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  /** Paragraphs, separated by empty lines. */
  readonly says: string;
  readonly args: readonly {
    readonly name: string;
    readonly variadic: boolean;
    readonly choices: readonly string[];
    readonly says: string;
  }[];
  readonly options: readonly OptionWords[];
  /** What the help says behind the options, line by line. */
  readonly after: string;
}

/** All that the help says, as data. */
export function commandWords(version: string): { readonly says: string; readonly commands: readonly CommandWords[] } {
  const program = build(version, "", () => {});
  const commands = program.commands.map((command): CommandWords => {
    let whole = "";
    const output = {
      writeOut: (text: string) => (whole += text),
      getOutHelpWidth: () => 80,
      getOutHasColors: () => false,
    };
    command.configureOutput(output).outputHelp();
    const options = command.options.filter((option) => !option.hidden);
    return {
      name: command.name(),
      summary: command.summary(),
      usage: command.usage(),
      says: command.description(),
      args: command.registeredArguments.map((argument) => ({
        name: argument.name(),
        variadic: argument.variadic,
        choices: argument.argChoices ?? [],
        says: argument.description,
      })),
      options: options.map((option) => ({
        flags: option.flags,
        names: [option.short, option.long].flatMap((name) => name ?? []),
        value: /[<[](.+)[>\]]/.exec(option.flags)?.[1],
        bare: option.optional && !option.required,
        choices: option.argChoices ?? (option.attributeName() === "output" ? formatNames : []),
        says: command.createHelp().optionDescription(option),
      })),
      after: whole.slice(command.helpInformation().length).trim(),
    };
  });
  return { says: program.description(), commands };
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
