import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Desk } from "../cli/sending.ts";
import type { Github } from "../hosts/github.ts";
import { githubEnv, type Topic } from "./bench.ts";

// As much of GitHub's runner as our own page and action use; anything else is an error.

const top = new URL("../..", import.meta.url).pathname;

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

/** What a job left. */
export interface Done {
  readonly code: number;
  readonly log: string;
  readonly summary: string;
}

/** `${{ a.b }}` by what the contexts say. */
function filled(text: string, contexts: object): string {
  return String(text).replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, path: string) => {
    const value = path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], contexts);
    if (value === undefined) throw new Error(`there is no ${path}`);
    return String(value);
  });
}

/** Runs the one job of a workflow for the pull request of a topic; stops at the first step that fails. */
export async function runWorkflow(
  text: string,
  setting: {
    readonly desk: Desk;
    readonly topic: Topic;
    readonly github: Github;
    /** Rights of the workflow's token beside those that it asks for; forks get none but to read. */
    readonly fork?: boolean;
    readonly event?: object;
    readonly workspace: string;
    /** Folder of the artifacts of all runs. */
    readonly artifacts: string;
  },
): Promise<Done> {
  const { desk, topic, github, fork = false, event, workspace, artifacts } = setting;
  const workflow = parse(text) as Workflow;
  const [job] = Object.values(workflow.jobs);
  const may = (what: string): boolean => !fork && workflow.permissions[what] === "write";
  const token = "ghs_job";
  const right = { comment: may("pull-requests"), check: may("checks"), resolve: may("contents") };
  github.rights.set(token, { login: "github-actions", ...right });
  const env = await githubEnv(desk, topic, github.url, event === undefined ? {} : { event });
  const summary = join(desk.dir, "summary.md");
  writeFileSync(summary, "");
  mkdirSync(workspace, { recursive: true });
  const contexts = { github: { token, action_path: top.replace(/\/$/, ""), event } };
  let log = "";

  async function runStep(step: Step, inside: object): Promise<number> {
    if (step.shell !== "bash") throw new Error("a step of an action names its shell");
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value, inside)]);
    const folder = step["working-directory"];
    const cwd = folder === undefined ? workspace : filled(folder, inside);
    const command = filled(step.run ?? "", inside);
    // The tests run in a checkout that has been set up and built.
    if (command === "npm ci --no-audit --no-fund && npm run --silent build" && cwd === contexts.github.action_path)
      return 0;
    const run = await desk.run(cwd, "bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", command], {
      ...env,
      ...Object.fromEntries(own),
    });
    log += run.stdout + run.stderr;
    return run.code;
  }

  async function use(step: Step): Promise<number> {
    const given = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([name, value]) => [name, filled(value, contexts)]),
    );
    switch (step.uses) {
      case "actions/checkout@v4":
        // What is checked out for a pull request is a merge that nobody wrote.
        if (given["fetch-depth"] !== "0") throw new Error("the history is missing");
        await desk.git(desk.dir, "clone", "-q", topic.path, workspace);
        await desk.git(workspace, "checkout", "-q", "--detach", topic.base);
        await desk.git(workspace, "merge", "-q", "--no-ff", "-m", "Merge", await topic.head());
        return 0;
      case "actions/upload-artifact@v4":
        cpSync(join(workspace, given.path ?? ""), join(artifacts, given.name ?? "", given.path ?? ""));
        return 0;
      case "actions/download-artifact@v4":
        if (given["run-id"] !== "1" || given["github-token"] !== token)
          throw new Error("another run's artifact takes its id and a token");
        cpSync(join(artifacts, given.name ?? ""), join(workspace, given.path ?? ""), { recursive: true });
        return 0;
      case "OWNER/copylint@main": {
        const action = parse(readFileSync(join(top, "action.yml"), "utf8")) as Action;
        const unknown = Object.keys(given).find((name) => !(name in action.inputs));
        if (unknown !== undefined || action.runs.using !== "composite") throw new Error(`action.yml: ${unknown}`);
        const usual = Object.entries(action.inputs).map(([name, input]) => [name, filled(input.default, contexts)]);
        const inside = { ...contexts, inputs: { ...Object.fromEntries(usual), ...given } };
        for (const each of action.runs.steps) {
          const code = await runStep(each, inside);
          if (code !== 0) return code;
        }
        return 0;
      }
      default:
        throw new Error(`nobody knows ${step.uses}`);
    }
  }

  let code = 0;
  for (const step of job?.steps ?? []) {
    code = await use(step);
    if (code !== 0) break;
  }
  return { code, log, summary: readFileSync(summary, "utf8") };
}
