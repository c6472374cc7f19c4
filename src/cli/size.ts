import { UsageError } from "./typed.ts";

/** What an expression comes to: bytes of sizes, and a plain number beside them, which counts in the unit of whatever it is for. */
export interface Amount {
  readonly bytes: number;
  readonly plain: number;
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  s: 512,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Numbers from here on are none that a device has. */
const LARGEST = 2 ** 52;

/**
 * Reads a number, a size, or a calculation with such: "12", "0x40", "8KiB", "64s", "3*chunk", "2*(chunk-block)".
 * @param option what the text belongs to, for complaints.
 * @param names sizes that have a name, in bytes.
 */
export function amountOf(option: string, text: string, names: Readonly<Record<string, number>>): Amount {
  const known = [...Object.keys(names), ...Object.keys(units).map((unit) => `8${unit}`)].join(", ");
  const wrong = (what: string): never => {
    throw new UsageError(
      `${option}: ${what} in '${text}'; a value is a number, a size (${known}), or a sum or product of such`,
    );
  };
  const tokens = text.match(/0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|\S/g) ?? [];
  let at = 0;
  let depth = 0;
  const combined = (a: Amount, b: Amount, sign: number): Amount => ({
    bytes: a.bytes + sign * b.bytes,
    plain: a.plain + sign * b.plain,
  });
  const scaled = (a: Amount, by: number): Amount => ({ bytes: a.bytes * by, plain: a.plain * by });
  function factor(): Amount {
    const token = tokens[at++];
    if (token === undefined) return wrong("something is missing");
    if (token === "-") return scaled(factor(), -1);
    if (token === "(") {
      if (++depth > 32) return wrong("brackets are nested too deeply");
      const inner = sum();
      if (tokens[at++] !== ")") return wrong("a bracket is not closed");
      depth--;
      return inner;
    }
    if (/^\d/.test(token)) {
      const unit = tokens[at];
      const value = Number(token);
      if (unit === undefined || !Object.hasOwn(units, unit)) return { bytes: 0, plain: value };
      at++;
      return { bytes: value * units[unit]!, plain: 0 };
    }
    if (Object.hasOwn(names, token)) return { bytes: names[token]!, plain: 0 };
    return wrong(`${token} is not known`);
  }
  function product(): Amount {
    let left = factor();
    while (tokens[at] === "*" || tokens[at] === "/") {
      const operator = tokens[at++];
      const right = factor();
      if (operator === "/") {
        if (right.bytes !== 0 || right.plain === 0) return wrong("only a number can divide");
        left = scaled(left, 1 / right.plain);
      } else if (right.bytes === 0) left = scaled(left, right.plain);
      else if (left.bytes === 0) left = scaled(right, left.plain);
      else return wrong("two sizes are multiplied");
    }
    return left;
  }
  function sum(): Amount {
    let left = product();
    while (tokens[at] === "+" || tokens[at] === "-") {
      const sign = tokens[at++] === "-" ? -1 : 1;
      left = combined(left, product(), sign);
    }
    return left;
  }
  const made = sum();
  if (at < tokens.length) return wrong(`${tokens[at]} is not expected`);
  for (const value of [made.bytes, made.plain]) {
    if (!Number.isInteger(value)) return wrong("a fraction comes out");
    if (value < 0 || value > LARGEST) return wrong("what comes out is out of range");
  }
  return made;
}
