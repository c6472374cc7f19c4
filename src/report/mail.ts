import type { Finding } from "../finding/finding.ts";
import type { Review } from "../finding/review.ts";
import { type Address, readAddresses } from "../mail/address.ts";
import { addressField, idField, isMessageId, textField } from "../mail/compose.ts";
import type { Message } from "../mail/message.ts";
import type { Series, SeriesPatch } from "../series/series.ts";
import { printable } from "../text/printable.ts";
import { callSequence } from "./call-sequence.ts";
import { count, wrap } from "./layout.ts";
import { type Quoted, quoted, quoteLine, quoteOfMessage } from "./quote.ts";
import { bare, gravestFirst, nOfM, suppressedText } from "./said.ts";

/** A reply as a person may send it, and where it belongs. */
export interface Draft {
  /** Name of its file: ours, but for letters and digits of the subject. */
  readonly name: string;
  /** The whole mail, header and body; no line is longer than a mail may have. */
  readonly text: string;
  /** Addresses in To; none if the patch says nobody. */
  readonly to: readonly string[];
  /** Number of findings that it is about. */
  readonly findings: number;
  /** What the sender should know and the mail does not say; without a full stop. */
  readonly notices: readonly string[];
}

/** What only the one who sends the replies can know. */
export interface MailView {
  /** The sender; undefined leaves it to the program that sends. */
  readonly from: Address | undefined;
  /** Names the input for the shell, for patches that nobody can fetch by a message id; undefined: there is no such name. */
  readonly input: string | undefined;
}

/** Columns of what we write ourselves; what is quoted keeps its lines. */
const width = 72;

/** Places that one mail quotes; further findings have a line each. */
const maxPlaces = 30;
/** Further findings that have a line. */
const maxListed = 100;

/** Text of a rule, with names of the patch in it, which may be of any length. */
const maxText = 1500;
const maxSubject = 300;

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most).trimEnd()} [...]` : text;

/** Reply drafts for a review, in the order of the series and their patches: one for each patch that has findings. */
export function mailDrafts(review: Review, all: readonly Series[], view: MailView): readonly Draft[] {
  const left = new Set(review.findings);
  return all.flatMap((series, at) => {
    // Series lie side by side only if there are several; their numbers keep them apart and in order.
    const prefix = all.length === 1 ? "" : `${String(at + 1).padStart(String(all.length).length, "0")}-`;
    const letters: {
      readonly message: Message;
      readonly patch: SeriesPatch | undefined;
      readonly findings: Finding[];
    }[] = [
      ...(series.cover === undefined ? [] : [{ message: series.cover, patch: undefined, findings: [] }]),
      ...series.patches.map((patch) => ({ message: patch.message, patch, findings: [] })),
    ];
    for (const f of left) {
      // What is about the series as a whole belongs to its first mail.
      const isWhole = f.patch.index === 0 || (f.file === null && f.patch.path === series.cover?.path);
      const own = letters.find(({ message, patch }) => isSame(f, message, patch));
      const letter = own ?? (isWhole && f.patch.total === series.total ? letters[0] : undefined);
      if (letter === undefined) continue;
      letter.findings.push(f);
      left.delete(f);
    }
    return letters.flatMap(({ message, patch, findings }) => {
      if (findings.length === 0) return [];
      const name = `${prefix}${fileName(series, message, patch)}`;
      return [draft(name, message, patch, findings, series, view)];
    });
  });
}

function isSame(f: Finding, message: Message, patch: SeriesPatch | undefined): boolean {
  const { path, subject, index, messageId } = f.patch;
  if (path !== message.path || (messageId ?? undefined) !== message.messageId) return false;
  return patch === undefined ? index === 0 : index === patch.index && subject === patch.subject;
}

/** As `git format-patch` names it, but for the ending. */
function fileName(series: Series, message: Message, patch: SeriesPatch | undefined): string {
  const version = series.version === 1 ? "" : `v${Math.min(series.version, 9999)}-`;
  const number = String(patch?.index ?? 0).padStart(4, "0");
  return `${version}${number}-${slug(bare(message.subject)) || "patch"}.eml`;
}

/** Letters and digits of a text, and hyphens for what lies between: nothing that a path could be made of. */
export function slug(text: string): string {
  return text
    .slice(0, maxSubject)
    .replace(/[^A-Za-z0-9_]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 52)
    .replace(/-+$/, "");
}

function draft(
  name: string,
  message: Message,
  patch: SeriesPatch | undefined,
  findings: readonly Finding[],
  series: Series,
  view: MailView,
): Draft {
  const notices: string[] = [];
  const { header } = message;
  const author = readAddresses(header?.from ?? message.from)[0];
  const known = new Set([author?.address.toLowerCase(), view.from?.address.toLowerCase()]);
  const others = readAddresses(header?.to ?? "", header?.cc ?? "").filter(
    ({ address }) => !known.has(address.toLowerCase()),
  );
  if (author === undefined) notices.push("its patch says no address of its author, so it has no To");
  if (header !== undefined && `${header.to}${header.cc}` === "")
    notices.push("its patch has no To and no Cc, so only its author gets it; `b4 mbox` keeps them, `b4 am` does not");
  const id = isMessageId(message.messageId) ? message.messageId : undefined;
  if (id === undefined) notices.push("its patch has no usable Message-ID, so it begins a thread of its own");
  const subject = printable(cut(message.subject, maxSubject).replace(/\s+/g, " ").trim());
  const fields = [
    view.from && addressField("From", [view.from]),
    addressField("To", author === undefined ? [] : [author]),
    addressField("Cc", others),
    textField("Subject", `Re: ${subject}`),
    idField("In-Reply-To", id === undefined ? [] : [id]),
    idField("References", id === undefined ? [] : [...ancestors(message), id]),
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: 8bit",
  ];
  const body = [
    ...plainly([attribution(message, author)]),
    ...points(findings, patch, message),
    "",
    ...footer(findings, series, message, view),
  ];
  const text = `${[...fields.filter((field) => field !== undefined), "", ...body].join("\n")}\n`;
  return { name, text, to: author === undefined ? [] : [author.address], findings: findings.length, notices };
}

/** The thread above a mail, oldest first; the middle of a long one is left out, as mail programs do. */
function ancestors(message: Message): readonly string[] {
  const { references, inReplyTo } = message;
  const ids = (references.length > 0 ? references : [inReplyTo]).filter(isMessageId);
  const once = [...new Set(ids)].filter((one) => one !== message.messageId);
  return once.length <= 20 ? once : [...once.slice(0, 1), ...once.slice(-19)];
}

function attribution(message: Message, author: Address | undefined): string {
  const who = author?.name || author?.address || "the author";
  const date = /^(?:[A-Z][a-z]{2}, +)?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? [+-]\d{4}/.exec(
    message.date ?? "",
  );
  return date === null ? `${who} wrote:` : `On ${date[0].replace(/ +/g, " ")}, ${who} wrote:`;
}

/** Findings at one place of a patch. */
interface Place {
  readonly quote: Quoted;
  readonly findings: readonly Finding[];
}

/** All that is said, in the order of the patch, each under the lines that it is about. */
function points(findings: readonly Finding[], patch: SeriesPatch | undefined, message: Message): readonly string[] {
  const inMessage = findings.filter((f) => f.file === null || patch === undefined);
  const inFiles = findings.filter((f) => !inMessage.includes(f));
  const places: readonly Place[] = [
    ...inMessage.map((f) => ({ quote: quoteOfMessage(f, message), findings: [f] })),
    ...(patch === undefined ? [] : quoted(inFiles, patch)),
  ];
  const shown = places.slice(0, maxPlaces);
  const said = new Said();
  const out = shown.flatMap(({ quote, findings: here }) => [
    ...quote.lines.map(quoteLine),
    "",
    ...here.flatMap((f, i) => [...(i === 0 ? [] : [""]), ...comment(f, said)]),
    "",
  ]);
  const rest = places.slice(maxPlaces).flatMap((place) => place.findings);
  return [...out.slice(0, -1), ...(rest.length === 0 ? [] : ["", ...listed(rest)])];
}

function listed(rest: readonly Finding[]): readonly string[] {
  const lines = rest.slice(0, maxListed).flatMap((f) => {
    const where = f.function === null ? "" : ` (${f.file}, ${f.function})`;
    return prose(`${sentence(f.what)}${where}`, "- ", "  ");
  });
  const more = rest.length - maxListed;
  return [
    `And without a quote, ${count(rest.length, "more point")}:`,
    "",
    ...lines,
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

/** What a mail has said already, so that it says nothing twice. */
class Said {
  readonly #texts = new Set<string>();
  #asked = 0;

  /** Whether this is new. */
  first(text: string): boolean {
    const isNew = !this.#texts.has(text);
    this.#texts.add(text);
    return isNew;
  }

  /** The advice in the voice of a reviewer: an order is made a request, and not each in the same words. */
  ask({ instead, confidence }: Finding): string {
    const advice = instead.replace(/\.$/, "");
    const verb = /^[A-Z][a-z]+\b/.exec(advice)?.[0] ?? "";
    if (verb === "" || noVerb.has(verb) || /\. [A-Z]/.test(advice)) return sentence(advice);
    const order = verb.toLowerCase() + advice.slice(verb.length);
    if (confidence === "high") return `Please ${order}.`;
    this.#asked++;
    if (this.#asked % 2 === 0) return `Maybe ${order}.`;
    const [question = "", ...more] = order.split("; ");
    return [`Could you ${question}?`, ...more.map((text) => `${capital(text)}.`)].join(" ");
  }
}

/** Words that an advice can begin with and that ask for nothing. */
const noVerb = new Set([
  "The",
  "A",
  "An",
  "This",
  "That",
  "It",
  "From",
  "Once",
  "No",
  "Each",
  "One",
  "Where",
  "When",
  "With",
  "As",
  "Then",
]);

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A text as a sentence; `begins` one with a capital where its first word is one of the language, and not a name of the patch. */
function sentence(text: string, begins = true): string {
  const isWord = /^(?:an?|the|this|each|no|one|both|two|three|when|after|before|in|on|its?|there)(?= )/.test(text);
  const started = isWord && begins ? capital(text) : text;
  return started === "" || /[.!?:]$/.test(started) ? started : `${started}.`;
}

/** Our own text, wrapped. */
function prose(text: string, first = "", rest = first): readonly string[] {
  return plainly(wrap(printable(cut(text, maxText)), width, first, rest));
}

/** Lines of ours of which none can be taken for a trailer, a quote, a signature or the start of another mail. */
function plainly(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (/^(?:From |>|--|\.|[A-Za-z-]+-by:|cc:)/i.test(line) ? ` ${line}` : line));
}

function comment(full: Finding, said: Said): readonly string[] {
  const short = (text: string): string => cut(text, maxText);
  const f = { ...full, what: short(full.what), why: short(full.why), instead: short(full.instead) };
  const what = sentence(f.what);
  if (!said.first(`${f.rule} ${f.what}`)) return ["Same here."];
  const isNew = said.first(`${f.rule} ${sameButNumbers(f.why)}`);
  const ask = f.instead !== "" && said.first(`${f.rule} ${f.instead}`) ? said.ask(f) : "";
  if (!isNew) return prose(joined(`As above, ${sentence(f.what, false)}`, ask));
  const sequence = f.level === "check" || f.trace === null ? [] : callSequence(f, f.trace, width);
  const elsewhere = f.related
    .filter((one) => one.patch !== f.patch.index)
    .slice(0, 3)
    .map((one) => prose(`See ${one.file} in patch ${one.patch}/${f.patch.total}: ${one.message}.`));
  const mended =
    f.mendedBy &&
    `Patch ${nOfM(f.mendedBy)} "${bare(f.mendedBy.subject)}" mends this. Could that part move here, so that nobody meets it when bisecting?`;
  const text = joined(what, f.why);
  const end = joined(mended ?? ask, suppressedText(f));
  const whole = joined(text, end);
  // A short remark is one paragraph, as people write it.
  if (sequence.length + elsewhere.length === 0 && whole.length < 5 * width) return prose(whole);
  const paragraphs = [prose(text), sequence, ...elsewhere, end === "" ? [] : prose(end)];
  return paragraphs.filter((lines) => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

const joined = (...texts: readonly string[]): string => texts.filter((text) => text !== "").join(" ");

/** A reason that differs from another in numbers and names of what failed only is the same. */
const sameButNumbers = (text: string): string => text.replace(/\([^)]*\)|\d+/g, "");

/** What drafted the reply, how to see more, and which rules it is of; below the mark of a signature. */
function footer(findings: readonly Finding[], series: Series, message: Message, view: MailView): readonly string[] {
  const root = [series.cover?.messageId, series.patches[0]?.message.messageId, message.messageId].find(isMessageId);
  const id = root?.slice(1, -1);
  // Ids with other characters would need quotes, and such a command is not to be pasted.
  const source = id !== undefined && /^[\w@%+=:,./-]+$/.test(id) && !id.startsWith("-") ? id : undefined;
  const commandOf = (does: string): string =>
    source === undefined
      ? `copylint ${does} ${printable(view.input ?? "")}`
      : `b4 am -o- ${source} | copylint ${does} -`;
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  // One run says how to get the others, too; that of the gravest finding is the one to look at.
  const run = gravestFirst(findings).find(({ executed }) => executed);
  const commands = [
    commandOf("check"),
    ...(run === undefined ? [] : [`${commandOf("run")} --replay ${run.fingerprint.slice(0, 12)}`]),
  ];
  return [
    "-- ",
    ...prose(`Drafted by copylint (${rules.join(", ")}).`),
    ...(source === undefined && view.input === undefined
      ? []
      : [
          `The whole review${run === undefined ? "" : ", and one of its runs step by step"}:`,
          ...commands.map((command) => `  ${cut(command, 800)}`),
        ]),
  ];
}

/** All drafts as one mbox, for programs that read mail from a file or a pipe. */
export function mboxOf(drafts: readonly Draft[]): string {
  return drafts
    .map(({ text }) => `From copylint Thu Jan  1 00:00:00 1970\n${text.replace(/^(>*From )/gm, ">$1")}\n`)
    .join("");
}
