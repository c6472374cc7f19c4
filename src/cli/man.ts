import { wrap } from "../report/layout.ts";
import { exitCode } from "./complaint.ts";
import type { CommandWords, commandWords } from "./program.ts";

const characters: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "~": "\\(ti",
  "^": "\\(ha",
  "`": "\\(ga",
  "'": "\\(aq",
};

/** A line of text as groff prints it; a full stop at its start would be a request. */
function plain(text: string): string {
  const escaped = text.replace(/[-\\~^`']/g, (char) => characters[char] ?? char);
  return escaped.replace(/^\./, "\\&.");
}

/** Text that is to be filled, in lines that are not too long for editors. */
const filled = (text: string): string[] => wrap(text.replace(/\s+/g, " ").trim(), 72).map(plain);

/** Paragraphs as they are to be filled; behind the head of a section, the first one needs no request. */
function prose(text: string, heads = true): string[] {
  const paragraphs = text.split(/\n{2,}/).filter((part) => part.trim() !== "");
  return paragraphs.flatMap((part, i) => [...(heads && i === 0 ? [] : [".PP"]), ...filled(part)]);
}

/** Lines that stay as they are. */
const verbatim = (lines: readonly string[]): string[] => [
  ".PP",
  ".nf",
  ...lines.map((line) => plain(line) || "\\&"),
  ".fi",
];

/** The text behind the options: indented lines and what belongs to them stay, the rest is filled. */
function after(text: string): string[] {
  const parts = text === "" ? [] : text.split(/\n{2,}/);
  return parts.flatMap((part) => (/^ {2}/m.test(part) ? verbatim(part.split("\n")) : prose(part, false)));
}

/** A term and what it means. */
const entry = (term: string, says: string): string[] => [".TP", `.B ${plain(term)}`, ...filled(says)];

function section({ name, usage, says, args, options, after: rest }: CommandWords): string[] {
  const described = args.filter((arg) => arg.says !== "");
  return [
    `.SS ${plain(`copylint ${name} ${usage}`)}`,
    ...prose(says),
    ...described.flatMap((arg) => entry(arg.name, `${arg.says}${choicesOf(arg.choices)}`)),
    ...options.flatMap(({ flags, says: text }) => entry(flags, text)),
    ...after(rest),
  ];
}

const choicesOf = (choices: readonly string[]): string => (choices.length === 0 ? "" : ` (${choices.join(", ")})`);

/** The man page of the program. */
export function manPage(version: string, { says, commands }: ReturnType<typeof commandWords>): string {
  const { clean, findings, usage, input, internal } = exitCode;
  const lines = [
    '.\\" Made from the definitions of the commands.',
    `.TH COPYLINT 1 "" "copylint ${plain(version)}" "User Commands"`,
    ".SH NAME",
    `copylint \\- ${plain(`${says.charAt(0).toLowerCase()}${says.slice(1)}`.replace(/\.$/, ""))}`,
    ".SH SYNOPSIS",
    ...commands.flatMap(({ name, usage: how }, i) => [
      ...(i === 0 ? [] : [".br"]),
      `.B copylint ${plain(name)}`,
      plain(how),
    ]),
    ".SH DESCRIPTION",
    ...prose(
      "copylint reads a patch series that brings copy offload to the block layer, works out which copy engine it builds, runs a model " +
        "of that engine and the patches' own code, and reports what a maintainer would point out. It compiles nothing and runs no " +
        "code of the patch on the machine.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap(section),
    ".SH EXIT STATUS",
    ...entry(String(clean), "Nothing at or above --fail-on was found."),
    ...entry(String(findings), "There are such findings."),
    ...entry(String(usage), "The command line or a configuration makes no sense."),
    ...entry(String(input), "Some of the input was not understood; the rest was reviewed."),
    ...entry(String(internal), "A defect of copylint."),
    ".SH FILES",
    ...entry(
      ".copylintrc.yaml, .copylintrc.json",
      "The configuration: the nearest one, from the working directory upward.",
    ),
    ".SH ENVIRONMENT",
    ...entry("NO_COLOR, FORCE_COLOR", "No colour, or colour, whatever the output is."),
    ...entry("COPYLINT_DEBUG", "Print the stack of an internal error."),
    ".SH SEE ALSO",
    ".BR git\\-format\\-patch (1),",
    ".BR git\\-send\\-email (1)",
  ];
  return `${lines.join("\n")}\n`;
}
