import type { Mail } from "../reviewing.ts";
import type { Base, Bases } from "./bases.ts";
import { bytes } from "./bytes.ts";
import { mutatedCode } from "./code.ts";
import { encodings } from "./encodings.ts";
import { headers } from "./headers.ts";
import { hunks } from "./hunks.ts";
import { type Mutator, type Random, randomOf } from "./random.ts";

/** What is mutated of a mail: its text in one of four ways, the C that it adds, or several of these. */
export type Kind = "bytes" | "hunks" | "headers" | "encodings" | "code" | "several";

export interface Mutated {
  readonly index: number;
  readonly kind: Kind;
  /** The base, and what was done to it, in order. */
  readonly words: string;
  /** The text's characters are bytes. */
  readonly mails: readonly Mail[];
}

const mutators: Readonly<Record<"bytes" | "hunks" | "headers" | "encodings", Readonly<Record<string, Mutator>>>> = {
  bytes,
  hunks,
  headers,
  encodings,
};

const texts = Object.keys(mutators) as (keyof typeof mutators)[];

/** The first mails are those of the tests, which have a minute: of so many of them one has other C, as it takes a review many times as long. */
const QUICK = { mails: 2_000, code: 50 };
/** The same of all others. */
const CODE = 5;
/** Of so many mails, one is mutated in several ways. */
const SEVERAL = 50;

/** Whether a review of such a mail executes its code. */
export const executes = (kind: Kind): boolean => kind === "code" || kind === "several";

function kindOf(index: number): Kind {
  if (index % (index < QUICK.mails ? QUICK.code : CODE) === 0) return "code";
  return index % SEVERAL === 1 && index >= QUICK.mails ? "several" : texts[index % texts.length]!;
}

/** A mail larger than this is not made larger. */
const LARGEST = 64 * 1024 * 1024;
const LARGE = 2_000_000;

/** Mail number `index` of a seed: always the same one. */
export function mutated(bases: Bases, seed: number, index: number): Mutated {
  const kind = kindOf(index);
  const random = randomOf(`${seed} ${index}`);
  const base = baseFor(kind, bases, random);
  const mails = base.mails.map((mail) => ({ ...mail }));
  const how: string[] = [];
  const code = () => {
    const at = random.below(mails.length);
    for (let n = 0; n < mails.length; n++) {
      const mail = mails[(at + n) % mails.length]!;
      const made = mutatedCode(mail.text, random);
      if (made === undefined) continue;
      mail.text = made.text;
      how.push(...made.how);
      return;
    }
  };
  const text = (which: keyof typeof mutators) => {
    const name = random.pick(Object.keys(mutators[which]));
    const mail = random.pick(mails);
    if (mail.text.length > LARGE) return;
    const made = mutators[which][name]!(mail.text, random);
    // What is larger than any input may be is refused at once, and only fills the memory of the job.
    if (made.length > LARGEST) return;
    mail.text = made;
    how.push(name);
  };
  if (kind === "code") code();
  else {
    if (kind === "several") code();
    for (let n = random.pick([1, 1, 1, 2, 2, 3, 5]); n > 0; n--) text(kind === "several" ? random.pick(texts) : kind);
  }
  return { index, kind, words: `${base.name}: ${how.join("; ")}`, mails };
}

function baseFor(kind: Kind, { texts: all, engines, patches, series }: Bases, random: Random): Base {
  if (kind !== "code" && kind !== "several") return random.pick(all);
  const which = random.below(100);
  return random.pick(which < 70 ? engines : which < 97 ? patches : series);
}
