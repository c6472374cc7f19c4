import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "../../src/mail/message.ts";
import { type Closed, type Collection, closeAll, collect, forget, nothingCollected } from "../../src/series/collect.ts";

const diff = "diff --git a/a b/a\n";

interface Sent {
  readonly id: string;
  readonly subject: string;
  readonly above?: readonly string[];
  readonly body?: string;
  readonly from?: string;
  readonly auto?: string;
}

const message = ({ id, subject, above = [], body = diff, from = "a@example.org", auto = "" }: Sent): Message => ({
  path: id,
  messageId: `<${id}>`,
  subject,
  from,
  date: undefined,
  inReplyTo: above.at(-1) && `<${above.at(-1)}>`,
  references: above.map((one) => `<${one}>`),
  body,
  bodyLine: 1,
  header: { from, to: "", cc: "", autoSubmitted: auto },
});

/** A series of `total` patches with a cover letter. */
const series = (name: string, total: number, version = 1, above: readonly string[] = []): Sent[] =>
  Array.from({ length: total + 1 }, (_, n) => ({
    id: `${name}${n}`,
    subject: `[PATCH${version === 1 ? "" : ` v${version}`} ${n}/${total}] ${n === 0 ? "all" : `part ${n}`} of it`,
    above: n === 0 ? above : [...above, `${name}0`],
    ...(n === 0 ? { body: "talk\n" } : {}),
    from: `${name}@example.org`,
  }));

/** Gives a collector the mails in order. */
function collected(mails: readonly Sent[], patience = 50, before: Collection = nothingCollected) {
  let now = before;
  const closed: Closed[] = [];
  for (const mail of mails) {
    const step = collect(now, { ref: mail.id, message: message(mail), isCut: false }, patience);
    now = step.now;
    closed.push(...step.closed);
  }
  return { now, closed };
}

const short = ({ why, series: { version, parts } }: Closed): string =>
  `${why} v${version}: ${parts
    .map(({ id }) => id)
    .sort()
    .join(" ")}`;

describe("a series", () => {
  test("is complete when all of it has come, in whatever order, among whatever else", () => {
    const some = [...series("one", 3), ...series("two", 2), ...series("sri", 4)];
    fc.assert(
      fc.property(fc.shuffledSubarray(some, { minLength: some.length }), (mails) => {
        const { closed, now } = collected(mails);
        expect(closed.map(short).sort()).toEqual([
          "complete v1: <one0> <one1> <one2> <one3>",
          "complete v1: <sri0> <sri1> <sri2> <sri3> <sri4>",
          "complete v1: <two0> <two1> <two2>",
        ]);
        expect(now.open).toEqual([]);
      }),
    );
  });

  test("without a cover letter begins with its first patch", () => {
    const [, one, two] = series("x", 2);
    const mails = [
      { ...one!, above: [] },
      { ...two!, above: ["x1"] },
    ];
    expect(collected(mails).closed.map(short)).toEqual(["complete v1: <x1> <x2>"]);
  });

  test("that answers an older one is a series of its own", () => {
    const mails = [...series("a", 2), ...series("b", 2, 2, ["a0"])];
    expect(collected(mails).closed.map(short)).toEqual(["complete v1: <a0> <a1> <a2>", "complete v2: <b0> <b1> <b2>"]);
  });

  test("sent without threading is known by its sender and its numbers", () => {
    const loose = (name: string) => series(name, 2).map((one) => ({ ...one, above: [] }));
    const [a, b] = [loose("a"), loose("b")];
    const mails = [a[0]!, b[0]!, a[1]!, b[1]!, a[2]!, b[2]!];
    expect(collected(mails).closed.map(short)).toEqual(["complete v1: <a0> <a1> <a2>", "complete v1: <b0> <b1> <b2>"]);
  });

  test("of one patch waits for nothing", () => {
    expect(collected([{ id: "p", subject: "[PATCH] x" }]).closed.map(short)).toEqual(["complete v1: <p>"]);
    expect(collected([{ id: "p", subject: "[PATCH 1/1] x" }]).closed.map(short)).toEqual(["complete v1: <p>"]);
    expect(collected(series("c", 1)).closed.map(short)).toEqual(["complete v1: <c0> <c1>"]);
  });

  test("is given up after so many mails, and what comes then is late", () => {
    const mails = series("a", 3);
    const talk = Array.from({ length: 5 }, (_, i) => ({ id: `t${i}`, subject: "talk", body: "" }));
    const { closed } = collected([...mails.slice(0, 3), ...talk, mails[3]!], 4);
    expect(closed.map(short)).toEqual(["incomplete v1: <a0> <a1> <a2>", "late v1: <a3>"]);
    expect(collected([...mails.slice(0, 3), ...talk.slice(0, 3), mails[3]!], 4).closed.map(short)).toEqual([
      "complete v1: <a0> <a1> <a2> <a3>",
    ]);
  });

  test("gives way to a newer version, by its thread or by its sender and title", () => {
    const newer = series("b", 2, 2).map((one) => ({ ...one, from: "a@example.org" }));
    expect(collected([...series("a", 2).slice(0, 2), ...newer]).closed.map(short)).toEqual([
      "superseded v1: <a0> <a1>",
      "complete v2: <b0> <b1> <b2>",
    ]);
    expect(collected([...series("a", 2).slice(0, 2), ...series("b", 2, 2, ["a0"])]).closed.map(short)[0]).toBe(
      "superseded v1: <a0> <a1>",
    );
    expect(collected([...series("a", 2).slice(0, 2), ...series("b", 2, 2)]).closed.map(short)).toEqual([
      "complete v2: <b0> <b1> <b2>",
    ]);
  });

  test("is not waited for when no more mails come", () => {
    const { now } = collected([...series("a", 2).slice(0, 2), ...series("b", 1).slice(0, 1)]);
    expect(closeAll(now).closed.map(short)).toEqual(["incomplete v1: <a0> <a1>", "incomplete v1: <b0>"]);
    expect(closeAll(now).now.open).toEqual([]);
  });
});

test("what is no part of a series is passed over", () => {
  const mails: Sent[] = [
    { id: "1", subject: "talk" },
    { id: "2", subject: "[PATCH] buy this", body: "cheap\n" },
    { id: "3", subject: "Re: [PATCH 1/2] x", above: ["0"] },
    { id: "4", subject: "[PATCH] by a machine", auto: "auto-generated" },
  ];
  expect(collected(mails.slice(1)).closed).toEqual([]);
  // A diff under any subject is a patch.
  expect(collected(mails).closed.map(short)).toEqual(["complete v1: <1>"]);
});

test("the same mail twice counts once, and one that was taken away does not count", () => {
  const mails = series("a", 2);
  expect(collected([...mails, ...mails]).closed.map(short)).toEqual(["complete v1: <a0> <a1> <a2>"]);
  expect(collected([mails[0]!, mails[0]!, mails[1]!, mails[1]!, mails[2]!]).closed).toHaveLength(1);
  const { now } = collected(mails.slice(0, 2));
  expect(collected(mails.slice(2), 50, forget(now, "<a1>")).closed).toEqual([]);
  expect(forget(forget(now, "<a1>"), "<a0>").open).toEqual([]);
});

test("whoever keeps the collection as text goes on from any point", () => {
  const some = [...series("one", 3), ...series("two", 2, 2, ["one0"]), { id: "p", subject: "[PATCH] x" }];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(some, { minLength: 5 }),
      fc.nat(10),
      fc.integer({ min: 1, max: 20 }),
      (mails, cut, wait) => {
        const whole = collected(mails, wait);
        const first = collected(mails.slice(0, cut), wait);
        const kept = JSON.parse(JSON.stringify(first.now)) as Collection;
        const second = collected(mails.slice(cut), wait, kept);
        expect([...first.closed, ...second.closed]).toEqual(whole.closed);
        expect(second.now).toEqual(whole.now);
      },
    ),
  );
});
