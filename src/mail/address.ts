import { addressParser } from "postal-mime";
import { printable } from "../text/printable.ts";
import { decodeWords } from "./header.ts";

/** A mailbox that mail can be sent to. */
export interface Address {
  /** Decoded, one printable line; "" if there is none. */
  readonly name: string;
  /** `local@domain`, ASCII. */
  readonly address: string;
}

/** Longer fields are cut at a comma: no mail of a list has as many recipients. */
const maxField = 64 * 1024;
const maxName = 100;

/** What mail programs and servers take without quotes; anything else could mean something to one of them. */
const plain = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;

/** Control characters. The parser would take them out, and what is left could be an address that nobody wrote. */
const hidden = /(?![\t\n]|\r\n)\p{Cc}/gu;

interface Parsed {
  readonly name?: string;
  readonly address?: string;
  readonly group?: readonly Parsed[];
}

/**
 * The mailboxes of From, To and Cc fields, each address once; groups are taken apart. What is no address is left out.
 * @param fields as they stand in the mail, unfolded and not decoded.
 */
export function readAddresses(...fields: readonly string[]): readonly Address[] {
  const flat = (list: readonly Parsed[]): readonly Parsed[] => list.flatMap((one) => one.group ?? one);
  const found = new Map<string, Address>();
  for (const field of fields) {
    const cut = field.length > maxField ? field.slice(0, Math.max(field.lastIndexOf(",", maxField), 0)) : field;
    for (const { name = "", address = "" } of flat(addressParser(cut.replace(hidden, "\uFFFD")))) {
      const key = address.toLowerCase();
      if (address.length > 254 || !plain.test(address) || found.has(key)) continue;
      found.set(key, { name: nameOf(name), address });
    }
  }
  return [...found.values()];
}

/** A name that is still encoded, or hides something, is none. */
function nameOf(raw: string): string {
  const name = decodeWords(raw).replace(/\s+/g, " ").trim();
  return name.length > maxName || /=\?|\?=|\uFFFD/.test(name) || printable(name) !== name ? "" : name;
}
