import type { Bounds } from "../model/explore.ts";
import type { DeviceLimits, Scenario, Stage } from "./harness.ts";
import type { Entry, RangeFields } from "./roles.ts";
import { type Term, termsOf } from "./terms.ts";
import { type CType, isInt } from "./type.ts";

/** A way to call an entry, how far it is explored, and its share of the runs. */
export interface Planned {
  readonly scenario: Scenario;
  readonly bounds: Omit<Bounds, "maxRuns">;
  readonly share: number;
  /** One run of it is enough. */
  readonly once?: boolean;
}

/** Sectors of a chunk: what every limit of copying is set to where nothing else is said. */
const CHUNK = 16;
/** Where the ranges lie: apart from each other, neither at the start. */
const FROM = 64;
const TO = 256;

const ordinary: DeviceLimits = { block: 512, copy: CHUNK, maxHw: CHUNK, segments: 128, capable: true };

const STEPS = 60_000;

/**
 * What hosts may send a target: one range, several, and one far from the start.
 * @param emulates it copies also where the device cannot; else it may refuse there, as it may offer the command on other devices alone.
 */
function requests(emulates: boolean): Planned[] {
  const base: Scenario = {
    words: "",
    ranges: [{ from: FROM, to: TO, sectors: 2 * CHUNK }],
    limits: { ...ordinary, block: 4096 },
    tokenSectors: 8,
    asynchronous: true,
    gfp: "kernel",
    expect: "success",
    permitted: "yes",
    twoDevices: false,
  };
  const plan: Planned[] = [];
  const add = (words: string, change: Partial<Scenario>, failures: number) => {
    plan.push({
      scenario: { ...base, ...change, words },
      bounds: { failures, preemptions: 0, maxSteps: STEPS },
      share: 0.1,
    });
  };
  const incapable: Partial<Scenario> = {
    limits: { ...base.limits, capable: false },
    expect: emulates ? "success" : "any",
  };
  add("a request to copy 16 KiB", {}, 1);
  add("a request to copy 16 KiB, on a device that cannot copy", incapable, 1);
  const far = { from: 2 ** 23, to: 2 ** 23 + 2 ** 18, sectors: 2 ** 17 };
  const wide = { copy: 2 ** 17, maxHw: 2 ** 10 };
  add(
    "a request to copy 64 MiB from 4 GiB on",
    { expect: "any", ranges: [far], tokenSectors: 2 ** 16, limits: { ...base.limits, ...wide } },
    0,
  );
  const overlapping = [{ from: FROM, to: FROM + CHUNK, sectors: 2 * CHUNK }];
  add("a request to copy 16 KiB, to where the source has its second half", { expect: "any", ranges: overlapping }, 0);
  const two = [
    { from: FROM, to: TO, sectors: CHUNK },
    { from: FROM + 2 * CHUNK, to: TO + CHUNK, sectors: CHUNK },
  ];
  add("a request with two ranges of 8 KiB", { ranges: two, permitted: "perhaps" }, 0);
  add(
    "a request with two ranges of 8 KiB, on a device that cannot copy",
    { ...incapable, ranges: two, permitted: "perhaps" },
    0,
  );
  return plan;
}

/**
 * The plainest calls, on a device that can copy and on one that cannot: to see how an entry wants to be called.
 * @param raw what limits that the series adds are set to.
 */
export function plainCall(stage: Stage, entry: Entry, raw: DeviceLimits["raw"], sectors = CHUNK): readonly Scenario[] {
  const { scenario } = scenariosOf(stage, entry)[0]!;
  const request = entry.roles.some(({ kind }) => kind === "request");
  const ranges = request ? scenario.ranges : [{ from: FROM, to: TO, sectors }];
  return [true, false].map((capable) => ({
    ...scenario,
    ranges,
    limits: { ...scenario.limits, maxHw: 1024, capable, ...(raw && { raw }) },
  }));
}

/** Whether the types that an entry is called with hold what a scenario passes. */
export function canPass({ program }: Stage, entry: Entry, { ranges }: Scenario): boolean {
  const { params } = program.signature(entry.func.name, entry.func.tree) ?? { params: [] };
  const fits = (type: CType | undefined, bytes: number, unit: number): boolean =>
    type === undefined || !isInt(type) || bytes / unit < 2 ** (8 * type.size - (type.signed ? 1 : 0));
  const ends = { src: 0, dst: 0, len: 0 };
  for (const { from, to, sectors } of ranges) {
    ends.src = Math.max(ends.src, from * 512);
    ends.dst = Math.max(ends.dst, to * 512);
    ends.len = Math.max(ends.len, sectors * 512);
  }
  const described = (struct: string, fields: RangeFields, unit: number): boolean =>
    (["src", "dst", "len"] as const).every((what) => {
      const name = fields[what];
      return name === undefined || fits(program.member(struct, name)?.type, ends[what], unit);
    });
  return entry.roles.every((role, i) => {
    switch (role.kind) {
      case "position":
        return fits(params[i]?.type, role.side === "in" ? ends.src : ends.dst, role.unit);
      case "length":
        return fits(params[i]?.type, ends.len, role.unit);
      case "ranges":
        return described(role.struct, role.fields, role.unit);
      case "user": {
        const { struct, direct, list } = role.layout;
        return (
          (direct === undefined || described(struct, direct, role.unit)) &&
          (list === undefined || described(list.struct, list.fields, role.unit))
        );
      }
      default:
        return true;
    }
  });
}

/** A range is written while it is read, or while another one is. */
export const overlaps = ({ ranges, twoDevices }: Pick<Scenario, "ranges" | "twoDevices">): boolean =>
  !twoDevices &&
  ranges.some(({ from, sectors: read }) =>
    ranges.some(({ to, sectors: written }) => from < to + written && to < from + read),
  );

/** What a comment may have against a call. */
function termAgainst(scenario: Scenario): Term | undefined {
  if (scenario.ranges.every(({ sectors }) => sectors === 0)) return "some";
  if (scenario.offBy !== undefined) return "aligned";
  return overlaps(scenario) ? "apart" : undefined;
}

/** How the ranges of an entry are described that is given several; undefined: it is given one. */
function listOf({ roles }: Entry): RangeFields | undefined {
  for (const role of roles) {
    if (role.kind === "ranges") return role.fields;
    if (role.kind === "user" && role.layout.list !== undefined) return role.layout.list.fields;
  }
  return undefined;
}

/**
 * All ways in which an entry is called, what its callers do first.
 * @param emulates it copies also where the device cannot.
 * @param left is told of calls that are left out as its comment speaks of them.
 */
export function scenariosOf(
  stage: Stage,
  entry: Entry,
  emulates = false,
  left: (term: Term) => void = () => {},
): Planned[] {
  const has = (kind: string) => entry.roles.some((role) => role.kind === kind);
  if (has("request")) return requests(emulates);
  const list = listOf(entry);
  const unit = entry.roles.some((role) => "unit" in role && role.unit === 1) ? 1 : 512;
  const ranges = (sectors: number) => [{ from: FROM, to: TO, sectors }];
  const base: Scenario = {
    words: "",
    ranges: ranges(2 * CHUNK),
    limits: ordinary,
    tokenSectors: 8,
    asynchronous: (has("callback") && !entry.mayWait) || entry.later === true,
    gfp: "kernel",
    // A job may be left to the kernel's own copy.
    expect: has("job") ? "any" : "success",
    permitted: "yes",
    twoDevices: false,
    ...(has("user") && { fromUser: true }),
  };
  // Where one bio carries the whole copy, what is longer than a limit may be refused.
  const whole = stage.operations.length === 1 && !stage.operations[0]!.flag;
  // A process passes what it likes, and does not read comments.
  const chosen = has("user") ? "yes" : "perhaps";
  const terms = has("user") ? new Set<Term>() : termsOf(entry.func);
  const plan: Planned[] = [];
  const add = (words: string, change: Partial<Scenario>, bounds: Partial<Bounds>, share: number) => {
    const made = { ...base, ...change, words };
    // No device has a limit that its field cannot hold.
    const { copy } = made.limits;
    if (
      stage.limitFields.some(({ counts, most }) => counts !== "things" && copy * (counts === "bytes" ? 512 : 1) > most)
    )
      return;
    if (!canPass(stage, entry, made)) return;
    const against = termAgainst(made);
    if (against !== undefined && terms.has(against)) {
      left(against);
      return;
    }
    const long = made.ranges.some(({ sectors }) => sectors > made.limits.copy);
    plan.push({
      scenario: whole && long && made.expect === "success" ? { ...made, expect: "any" } : made,
      bounds: { failures: 1, preemptions: 0, maxSteps: STEPS, ...bounds },
      share,
    });
  };
  // Without a branch for it, a callback is no choice.
  const modes: [string, boolean][] = !has("callback")
    ? [["", base.asynchronous]]
    : entry.mayWait
      ? [
          ["synchronous", false],
          ["with a callback", true],
        ]
      : [["with a callback", true]];
  const how = (words: string, mode: string) => (mode === "" ? words : `${words}, ${mode}`);
  for (const [mode, asynchronous] of modes) {
    const own = { asynchronous };
    add(how("1 chunk of 8 KiB", mode), { ...own, ranges: ranges(CHUNK) }, {}, 0.02);
    // Whoever meets the one completion, interrupted twice.
    add(
      how("1 chunk of 8 KiB", mode),
      { ...own, ranges: ranges(CHUNK) },
      { failures: 1, preemptions: 2, kinds: ["chunk"] },
      0.08,
    );
    add(how("2 chunks of 8 KiB", mode), own, { failures: 2 }, 0.05);
    // Handlers that run at once, and whoever meets them.
    add(how("2 chunks of 8 KiB", mode), own, { failures: 2, preemptions: 1, kinds: ["chunk"] }, 0.2);
    add(
      how("2 chunks of 8 KiB", mode),
      own,
      { failures: 1, preemptions: 1, kinds: ["allocation", "early", "sleep"] },
      0.1,
    );
    add(how("3 chunks of 8 KiB", mode), { ...own, ranges: ranges(3 * CHUNK) }, { failures: 1 }, 0.05);
    // Whether such calls are refused is not looked at, only what else they do.
    const odd: Partial<Scenario> = { ...own, expect: "any", permitted: chosen };
    add(how("a length of 0", mode), { ...odd, ranges: ranges(0) }, { failures: 0 }, 0.01);
    const overlapping = [{ from: FROM, to: FROM + CHUNK, sectors: 2 * CHUNK }];
    add(
      how("2 chunks of 8 KiB, to where the source has its second one", mode),
      { ...odd, ranges: overlapping },
      { failures: 0 },
      0.01,
    );
    if (list !== undefined) {
      // Without a destination of its own, a range goes behind the one before it.
      const gap = list.dst !== undefined ? CHUNK : 0;
      const two = [
        { from: FROM, to: TO, sectors: CHUNK },
        { from: FROM + 2 * CHUNK, to: TO + CHUNK + gap, sectors: CHUNK },
      ];
      add(how("2 ranges of 8 KiB", mode), { ...own, ranges: two }, {}, 0.05);
    }
    // Without the capability, a copy is emulated or refused.
    add(
      how("2 chunks of 8 KiB on a device that cannot copy", mode),
      { ...own, limits: { ...ordinary, capable: false }, expect: emulates ? "success" : "any" },
      {},
      0.05,
    );
    add(
      how("2 chunks of 8 KiB on a partition", mode),
      { ...own, partition: true },
      { failures: 1, kinds: ["chunk"] },
      0.02,
    );
  }
  if (stage.asksForZones) {
    // Writes to a zone go to where its last one ended; that they do is not looked at.
    const zoned = { ...ordinary, zone: 128 };
    add("2 chunks of 8 KiB on a device with zones", { limits: zoned, expect: "any" }, { failures: 1 }, 0.05);
  }
  if (emulates) {
    if (list !== undefined) {
      const gap = list.dst !== undefined ? CHUNK : 0;
      const two = [
        { from: FROM, to: TO, sectors: CHUNK },
        { from: FROM + 2 * CHUNK, to: TO + CHUNK + gap, sectors: CHUNK },
      ];
      add(
        "2 ranges of 8 KiB on a device that cannot copy",
        { ranges: two, limits: { ...ordinary, capable: false } },
        {},
        0.03,
      );
    }
    const slow = { ...ordinary, capable: false };
    for (const [words, sectors] of [
      ["2 KiB", 4],
      ["10 KiB", 20],
    ] as const) {
      add(
        `${words} on a device that cannot copy`,
        { ranges: ranges(sectors), limits: slow, tokenSectors: 4 },
        { failures: 0 },
        0.01,
      );
    }
    const coarse = { ranges: ranges(24), limits: { ...slow, block: 4096 } };
    add("12 KiB on a device that cannot copy, with blocks of 4096 bytes", coarse, { failures: 1 }, 0.02);
    const kinds = ["allocation"] as const;
    add(
      "2 chunks of 8 KiB on a device that cannot copy",
      { limits: slow },
      { failures: 1, kinds, persistent: true },
      0.02,
    );
  }
  add("2 chunks of 8 KiB", {}, { failures: 1, kinds: ["allocation"], persistent: true }, 0.02);
  if (entry.roles.some((role) => role.kind === "device" && role.side === "out")) {
    add("2 chunks of 8 KiB from one device to another", { twoDevices: true, expect: "any" }, {}, 0.05);
    if (!has("file")) {
      add(
        "2 chunks of 8 KiB, to a device with blocks of 4096 bytes, where the destination is off by 512",
        { twoDevices: true, outBlock: 4096, offBy: { out: 512 }, expect: "refuse", permitted: "perhaps" },
        { failures: 0 },
        0.01,
      );
    }
  }
  add("2 KiB on a device with blocks of 512 bytes", { ranges: ranges(4), tokenSectors: 4 }, { failures: 0 }, 0.01);
  // The last chunk is shorter than the others.
  add("12 KiB in chunks of 8 KiB", { ranges: ranges(24) }, {}, 0.02);
  add(
    "8 KiB and a block of 512 bytes in chunks of 8 KiB",
    { ranges: ranges(CHUNK + 1), tokenSectors: 1 },
    { failures: 0 },
    0.01,
  );
  const four = { ...ordinary, block: 4096 };
  add(
    "2 chunks of a block of 4096 bytes",
    { limits: { ...four, copy: 8, maxHw: 8 }, ranges: ranges(16) },
    { failures: 0 },
    0.01,
  );
  add(
    "2 chunks of 12 KiB on a device with blocks of 4096 bytes",
    { ranges: ranges(48), limits: { ...four, copy: 24, maxHw: 24 } },
    {},
    0.03,
  );
  const shift = (bytes: number) =>
    [
      ["the source is off by", { in: bytes }],
      ["the destination is off by", { out: bytes }],
      ["the length is off by", { length: bytes }],
    ] as const;
  // Files are copied to the byte: a block device's own functions see to the rest.
  // Jobs come from a queue of the kernel's own.
  for (const [words, offBy] of has("file") || has("job") ? [] : shift(512)) {
    add(
      `2 chunks of 8 KiB, ${words} 512 bytes, blocks of 4096 bytes`,
      { limits: four, offBy, expect: "refuse", permitted: chosen },
      { failures: 0 },
      0.01,
    );
  }
  if (unit === 1 && !has("file")) {
    for (const [words, offBy] of shift(256)) {
      add(
        `2 chunks of 8 KiB, ${words} 256 bytes`,
        { offBy, expect: "refuse", permitted: chosen },
        { failures: 0 },
        0.01,
      );
    }
  }
  add("2 chunks of 8 KiB, memory only without waiting", { gfp: "atomic", permitted: "perhaps" }, {}, 0.03);
  add(
    "16 KiB, a limit of 2^23 sectors",
    { limits: { ...ordinary, copy: 2 ** 23 }, permitted: "perhaps" },
    { failures: 0 },
    0.01,
  );
  add(
    "16 KiB, a limit of 2^23 + 8 sectors",
    { limits: { ...ordinary, copy: 2 ** 23 + 8 }, permitted: "perhaps" },
    { failures: 0 },
    0.01,
  );
  add(
    "16 KiB, a limit of 0",
    { limits: { ...ordinary, copy: 0 }, permitted: "perhaps", expect: "any" },
    { failures: 0 },
    0.01,
  );
  add(
    "12 KiB, a limit of 9 sectors, blocks of 4096 bytes",
    { ranges: ranges(24), limits: { ...four, copy: 9 }, permitted: "perhaps" },
    { failures: 0 },
    0.01,
  );
  const large = { ...ordinary, copy: 32768, maxHw: 32768, segments: 4096 };
  add(
    "8 MiB in one chunk",
    {
      ranges: [{ from: 0, to: 32768, sectors: 16384 }],
      limits: large,
      tokenSectors: 256,
      permitted: "perhaps",
      expect: "any",
    },
    { failures: 0 },
    0.01,
  );
  // Beyond what 32 bits hold of bytes; and more of them than 31 bits do.
  const gib = 2 ** 21;
  const far = (words: string, chunks: number, chunk: number, permitted: Scenario["permitted"]) =>
    add(
      words,
      {
        ranges: [{ from: 4 * gib, to: 8 * gib, sectors: chunks * chunk }],
        limits: { ...ordinary, copy: chunk, maxHw: chunk },
        tokenSectors: chunk,
        expect: "any",
        permitted,
      },
      { failures: 0 },
      0.01,
    );
  far("2 chunks of 64 MiB from 4 GiB on", 2, gib / 16, "yes");
  far("3 chunks of 1 GiB from 4 GiB on", 3, gib, "perhaps");
  return plan;
}
