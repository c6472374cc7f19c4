import { describe, expect, test } from "vitest";
import {
  allocateBio,
  bioStatus,
  chain,
  finishPlug,
  PLUG_FLUSH_SECTORS,
  PLUG_REQUESTS,
  putBio,
  sleep,
  startPlug,
  submit,
} from "../../src/model/block.ts";
import { describe as words } from "../../src/model/event.ts";
import {
  allocate,
  arrived,
  type Bio,
  createKernel,
  type Kernel,
  type KernelSetup,
  load,
  place,
  queueWork,
  release,
  setRunning,
  spawn,
  store,
  type Thread,
  transfer,
  update,
  wake,
} from "../../src/model/kernel-objects.ts";
import { type Budget, type Program, runOnce } from "../../src/model/schedule.ts";

const QUIET: Budget = { failures: 0, preemptions: 0, maxSteps: 10_000 };

type Body = (kernel: Kernel) => Thread;

function program(body: Body, setup: Partial<KernelSetup> = {}): Program {
  return {
    name: "test",
    setting: "",
    setup: { call: { length: 64, from: 0, to: 64 }, ...setup },
    start: (kernel) => void spawn(kernel, "submitter", body(kernel)),
  };
}

/** Runs a body along the given ways, and says in words what happened. */
function events(body: Body, setup: Partial<KernelSetup> = {}, ways: readonly number[] = [], budget: Budget = QUIET) {
  const run = runOnce(program(body, setup), budget, ways, { record: true });
  return { ...run, words: run.kernel.events!.map((event) => `${event.actor}: ${words(event)}`) };
}

function* copyBio(kernel: Kernel, chunk: number, sectors = 8): Thread<Bio> {
  const at = (chunk - 1) * sectors;
  return (yield* allocateBio(kernel, { half: "copy", chunk, from: at, to: 64 + at, sectors }, true))!;
}

function* half(kernel: Kernel, which: "dst" | "src", chunk: number, sectors = 8): Thread<Bio> {
  const at = (chunk - 1) * sectors;
  const [from, to] = which === "src" ? [at, -1] : [-1, 64 + at];
  return (yield* allocateBio(kernel, { half: which, chunk, from, to, sectors }, true))!;
}

const flushes = (list: readonly string[]) => list.filter((each) => each.includes("flush plug"));

describe("plug", () => {
  test("without one a bio goes straight to the device", () => {
    const { words } = events(function* (kernel) {
      submit(kernel, yield* copyBio(kernel, 1));
    });
    expect(words).toEqual([
      "submitter: alloc copy 1",
      "submitter: submit copy 1",
      "block layer: dispatch copy 1",
      "device: copy chunk 1",
    ]);
  });

  test("holds requests until it is finished", () => {
    const { words } = events(function* (kernel) {
      const plug = startPlug(kernel, "engine");
      submit(kernel, yield* copyBio(kernel, 1));
      submit(kernel, yield* copyBio(kernel, 2));
      finishPlug(kernel, plug);
      expect(kernel.current.plug).toBeNull();
    });
    expect(words.slice(4)).toEqual([
      "submitter: submit copy 2",
      "submitter: finish plug",
      "submitter: flush plug: finish",
      "block layer: dispatch copy 1",
      "block layer: dispatch copy 2",
      "device: copy chunk 1",
      "device: copy chunk 2",
    ]);
  });

  test("a nested one does nothing", () => {
    const { words } = events(function* (kernel) {
      const outer = startPlug(kernel, "caller");
      const inner = startPlug(kernel, "engine");
      submit(kernel, yield* copyBio(kernel, 1));
      finishPlug(kernel, inner);
      expect(kernel.current.plug).toBe(outer);
      expect(outer.requests).toHaveLength(1);
      finishPlug(kernel, outer);
    });
    expect(words).toContain("submitter: start plug (nested)");
    expect(words).toContain("submitter: finish plug (nested)");
    expect(flushes(words)).toEqual(["submitter: flush plug: finish"]);
  });

  test("an empty one is finished without a flush", () => {
    const { words } = events(function* (kernel) {
      finishPlug(kernel, startPlug(kernel, "engine"));
      yield;
    });
    expect(words).toEqual(["submitter: start plug", "submitter: finish plug"]);
  });

  test.each([
    [PLUG_REQUESTS, 0],
    [PLUG_REQUESTS + 1, 1],
    [2 * PLUG_REQUESTS, 1],
    [2 * PLUG_REQUESTS + 1, 2],
  ])("%i requests in a plug: %i flushes of its own", (requests, own) => {
    const { words, kernel } = events(
      function* (kernel) {
        startPlug(kernel, "engine");
        for (let chunk = 1; chunk <= requests; chunk++) submit(kernel, yield* copyBio(kernel, chunk, 1));
      },
      { call: { length: 128, from: 0, to: 128 }, blockSectors: 1 },
    );
    expect(flushes(words)).toEqual(Array(own).fill("submitter: flush plug: 32 requests"));
    expect(kernel.tasks[0]!.plug!.requests).toHaveLength(requests - own * PLUG_REQUESTS);
  });

  test.each([
    [PLUG_FLUSH_SECTORS - 1, []],
    [PLUG_FLUSH_SECTORS, ["submitter: flush plug: last request is 128 KiB"]],
  ])("a last request of %i sectors", (sectors, expected) => {
    const { words } = events(
      function* (kernel) {
        startPlug(kernel, "engine");
        submit(kernel, yield* copyBio(kernel, 1, sectors));
        submit(kernel, yield* copyBio(kernel, 2, 1));
      },
      { call: { length: 600, from: 0, to: 600 }, blockSectors: 1 },
    );
    expect(flushes(words)).toEqual(expected);
  });

  test("is flushed when the task sleeps, and stays the task's", () => {
    const { words, kernel } = events(function* (kernel) {
      startPlug(kernel, "engine");
      submit(kernel, yield* copyBio(kernel, 1));
      yield* setRunning(kernel, false);
      yield* sleep(kernel, false);
    });
    expect(flushes(words)).toEqual(["submitter: flush plug: sleep"]);
    expect(kernel.tasks[0]!.plug).not.toBeNull();
    expect(kernel.marks.has("engine flushed")).toBe(false);
  });

  test("is flushed when bio_alloc sleeps, which it may if the plug holds something", () => {
    const body: Body = function* (kernel) {
      startPlug(kernel, "engine");
      submit(kernel, yield* copyBio(kernel, 1));
      submit(kernel, yield* copyBio(kernel, 2));
    };
    const one = { ...QUIET, failures: 1 };
    expect(flushes(events(body, {}, [], one).words)).toEqual([]);
    const { words, kernel } = events(body, {}, [1], one);
    expect(flushes(words)).toEqual(["submitter: flush plug: sleep"]);
    expect(kernel.failures).toEqual([{ kind: "sleep", n: 2, what: "copy 2" }]);
  });
});

describe("pairs", () => {
  const two = (first: "dst" | "src", second: "dst" | "src", plugged = true, sectors = 8): Body =>
    function* (kernel) {
      const plug = plugged ? startPlug(kernel, "engine") : null;
      const one = yield* half(kernel, first, 1);
      const other = yield* half(kernel, second, 1, sectors);
      submit(kernel, one);
      submit(kernel, other);
      if (plug !== null) finishPlug(kernel, plug);
    };

  test("the second half joins the first in the plug and the device copies", () => {
    const { words, kernel } = events(two("dst", "src"), { pairing: "dst-first", call: { length: 8, from: 0, to: 64 } });
    expect(words).toContain("block layer: DST 1, SRC 1 paired");
    expect(words).toContain("block layer: dispatch DST 1 + SRC 1");
    expect(kernel.marks.get("paired")).toBe(1);
    expect(kernel.faults).toEqual([]);
    expect(arrived(kernel)).toBe(8);
  });

  test("src-first: the same the other way round", () => {
    const { words } = events(two("src", "dst"), { pairing: "src-first" });
    expect(words).toContain("block layer: SRC 1, DST 1 paired");
    expect(words).toContain("device: copy chunk 1");
  });

  test.each([
    ["the wrong half first", two("src", "dst"), "dst-first"],
    ["two of the same half", two("dst", "dst"), "dst-first"],
    ["no plug", two("dst", "src", false), "dst-first"],
    ["other length", two("dst", "src", true, 16), "dst-first"],
  ] as const)("%s: each is dispatched alone and fails", (_, body, pairing) => {
    const { words, kernel } = events(body, { pairing, call: { length: 8, from: 0, to: 64 } });
    expect(kernel.faults.map(({ how }) => how)).toEqual(["dispatched alone", "dispatched alone"]);
    expect(words.filter((each) => each === "device: fail chunk 1")).toHaveLength(2);
    expect(words.filter((each) => / alone$/.test(each))).toHaveLength(2);
    expect(arrived(kernel)).toBe(0);
  });

  test("halves are nobody's business when the pairing is not known", () => {
    const { kernel } = events(two("dst", "src", false), { pairing: "none" });
    expect(kernel.faults).toEqual([]);
  });

  test("a destination half without its token is dispatched alone, with it is not", () => {
    const body = (early: boolean): Body =>
      function* (kernel) {
        const source = yield* half(kernel, "src", 1);
        const target = yield* half(kernel, "dst", 1);
        target.token = source;
        // biome-ignore lint/correctness/useYield: a completion handler is a thread.
        source.endIo = function* () {
          if (!early) submit(kernel, target);
        };
        submit(kernel, source);
        if (early) submit(kernel, target);
      };
    expect(events(body(true), { pairing: "token" }).kernel.faults).toEqual([
      { how: "dispatched alone", what: "DST 1" },
    ]);
    const { kernel, words } = events(body(false), { pairing: "token", call: { length: 8, from: 0, to: 64 } });
    expect(kernel.faults).toEqual([]);
    expect(kernel.marks.get("paired")).toBe(1);
    expect(words).toContain("device: copy chunk 1 (token)");
    expect(arrived(kernel)).toBe(8);
  });
});

describe("completion", () => {
  test("a chained bio completes its parent last and hands on its error", () => {
    const ended: string[] = [];
    const { kernel } = events(
      function* (kernel) {
        const first = yield* copyBio(kernel, 1);
        const second = yield* copyBio(kernel, 2);
        // biome-ignore lint/correctness/useYield: a completion handler is a thread.
        second.endIo = function* (bio) {
          ended.push(`${bio.name} ${bio.status}`);
          putBio(kernel, bio);
        };
        chain(kernel, first, second);
        submit(kernel, second);
        submit(kernel, first);
      },
      { script: { chunks: [1], allocations: [] } },
    );
    expect(ended).toEqual(["copy 2 -5"]);
    expect(kernel.objects.map(({ life, freedBy }) => `${life} by ${freedBy}`)).toEqual([
      "freed by completion 2",
      "freed by completion 2",
    ]);
  });

  test("a parent's own error stays", () => {
    let status = 0;
    events(
      function* (kernel) {
        const first = yield* copyBio(kernel, 1);
        const second = yield* copyBio(kernel, 2);
        // biome-ignore lint/correctness/useYield: a completion handler is a thread.
        second.endIo = function* (bio) {
          status = bio.status;
        };
        second.status = -28;
        chain(kernel, first, second);
        submit(kernel, second);
        submit(kernel, first);
      },
      { script: { chunks: [1], allocations: [] } },
    );
    expect(status).toBe(-28);
  });

  test("comes in the order asked for; chunks that are not named come last", () => {
    const body: Body = function* (kernel) {
      for (const chunk of [1, 2, 3, 4]) submit(kernel, yield* copyBio(kernel, chunk));
    };
    const order = (list: readonly string[]) =>
      list.filter((each) => each.startsWith("device")).map((each) => each.at(-1));
    expect(order(events(body, { order: [3, 1] }).words)).toEqual(["3", "1", "2", "4"]);
    expect(order(events(body).words)).toEqual(["1", "2", "3", "4"]);
  });

  test("handlers that are serial do not overlap, whatever the preemptions", () => {
    const body = (trace: string[]): Body =>
      function* (kernel) {
        const shared = place(kernel, "shared", "borrowed", { n: 0 });
        for (const chunk of [1, 2]) {
          const bio = yield* copyBio(kernel, chunk);
          bio.endIo = function* () {
            trace.push(`in ${chunk}`);
            yield* load(kernel, shared, "n");
            trace.push(`out ${chunk}`);
          };
          submit(kernel, bio);
        }
      };
    const overlaps = (serial: boolean) =>
      [0, 1, 2].flatMap((first) =>
        [0, 1, 2].flatMap((second) =>
          [0, 1, 2].map((third) => {
            const trace: string[] = [];
            events(body(trace), { serial }, [first, second, third], { ...QUIET, preemptions: 2 });
            return trace[1]!.startsWith("in");
          }),
        ),
      );
    expect(overlaps(true)).not.toContain(true);
    expect(overlaps(false)).toContain(true);
  });

  test("the status is read in a step of its own", () => {
    let status = 1;
    const { words } = events(function* (kernel) {
      const bio = yield* copyBio(kernel, 1);
      bio.status = -5;
      status = yield* bioStatus(kernel, bio);
    });
    expect(status).toBe(-5);
    expect(words.at(-1)).toBe("submitter: load copy 1 status = -5");
  });
});

describe("device", () => {
  const device = () =>
    createKernel({
      oracle: { choose: () => 0, fail: () => false },
      call: { length: 16, from: 0, to: 16 },
      blockSectors: 8,
    }).device;

  test("copies whole blocks", () => {
    const one = device();
    expect(one.blocks).toEqual([0, 1, 2, 3]);
    expect(transfer(one, 0, 16, 16)).toBe(true);
    expect(one.blocks).toEqual([0, 1, 0, 1]);
    expect(one.key).toBe("0,1,0,1");
  });

  test("reads before it writes when ranges overlap", () => {
    const one = device();
    expect(transfer(one, 0, 8, 16)).toBe(true);
    expect(one.blocks).toEqual([0, 0, 1, 3]);
  });

  test.each([
    [4, 16, 8],
    [0, 20, 8],
    [0, 16, 4],
    [0, 24, 16],
    [24, 0, 16],
    [-8, 16, 8],
    [0, -8, 8],
    [0, 0, -8],
  ])("refuses from %i to %i, %i sectors", (from, to, sectors) => {
    const one = device();
    expect(transfer(one, from, to, sectors)).toBe(false);
    expect(one.blocks).toEqual([0, 1, 2, 3]);
  });

  test("what arrived counts from the start to the first gap, and never beyond the call", () => {
    const kernel = createKernel({
      oracle: { choose: () => 0, fail: () => false },
      call: { length: 24, from: 0, to: 32 },
    });
    expect(arrived(kernel)).toBe(0);
    transfer(kernel.device, 8, 40, 8);
    expect(arrived(kernel)).toBe(0);
    transfer(kernel.device, 0, 32, 8);
    expect(arrived(kernel)).toBe(16);
    transfer(kernel.device, 16, 48, 8);
    expect(arrived(kernel)).toBe(24);
  });

  test("a last block that is used in part counts in part", () => {
    const kernel = createKernel({
      oracle: { choose: () => 0, fail: () => false },
      call: { length: 12, from: 0, to: 16 },
    });
    transfer(kernel.device, 0, 16, 16);
    expect(arrived(kernel)).toBe(12);
  });
});

describe("memory", () => {
  test("each load, store and update is a step of its own", () => {
    const { words, steps } = events(function* (kernel) {
      const object = place(kernel, "context", "borrowed", { n: 1 });
      expect(yield* load(kernel, object, "n")).toBe(1);
      yield* store(kernel, object, "n", 5);
      expect(yield* update(kernel, object, "n", (value) => Number(value) + 1)).toBe(6);
      expect(yield* load(kernel, object, "nothing")).toBeNull();
    });
    expect(words).toEqual([
      "submitter: load n = 1",
      "submitter: store n = 5",
      "submitter: n: 5 to 6",
      "submitter: load nothing = NULL",
    ]);
    expect(steps).toBe(5);
  });

  test("touching dead memory and freeing it again are faults", () => {
    const { kernel, words } = events(function* (kernel) {
      const object = allocate(kernel, "context", false, { n: 1 })!;
      release(kernel, object, "free");
      yield* load(kernel, object, "n");
      yield* store(kernel, object, "n", 2);
      yield* update(kernel, object, "n", () => 3);
      release(kernel, object, "free");
    });
    expect(kernel.faults.map(({ how }) => how)).toEqual([
      "use after free",
      "use after free",
      "use after free",
      "double free",
    ]);
    expect(words.at(-1)).toBe("submitter: double free: context");
  });

  test("an allocation fails if it may and the run says so", () => {
    const body = (mayFail: boolean): Body =>
      function* (kernel) {
        yield;
        const object = allocate(kernel, "context", mayFail);
        expect(object === null).toBe(mayFail);
      };
    const script = { chunks: [], allocations: [1] };
    expect(events(body(true), { script }).words).toEqual(["submitter: alloc context: fails"]);
    expect(events(body(false), { script }).words).toEqual(["submitter: alloc context"]);
  });
});

describe("waiting", () => {
  test("a task that was woken before does not sleep", () => {
    const { words, kernel } = events(function* (kernel) {
      yield* setRunning(kernel, false);
      yield* wake(kernel, kernel.current);
      yield* sleep(kernel, false);
    });
    expect(words).toEqual(["submitter: wake submitter"]);
    expect(kernel.marks.has("slept")).toBe(false);
  });

  test("a task that nobody wakes is stuck", () => {
    const { stuck, words } = events(function* (kernel) {
      yield* setRunning(kernel, false);
      yield* sleep(kernel, false);
    });
    expect(stuck.map(({ name }) => name)).toEqual(["submitter"]);
    expect(words).toEqual(["submitter: sleep"]);
  });

  test("work wakes a sleeper", () => {
    const { stuck, words } = events(function* (kernel) {
      const task = kernel.current;
      queueWork(kernel, wake(kernel, task));
      yield* setRunning(kernel, false);
      yield* sleep(kernel, false);
      yield* setRunning(kernel, true);
    });
    expect(stuck).toEqual([]);
    expect(words).toEqual(["submitter: sleep", "worker: wake submitter"]);
  });

  test("a sleep with a timeout may return early, one without does not", () => {
    const body = (timeout: boolean): Body =>
      function* (kernel) {
        yield* setRunning(kernel, false);
        yield* sleep(kernel, timeout);
        expect(kernel.current.running).toBe(true);
      };
    const one = { ...QUIET, failures: 1 };
    expect(events(body(true), {}, [1], one).words).toEqual(["submitter: sleep", "submitter: sleep returns early"]);
    expect(events(body(true), {}, [0], one).stuck).toHaveLength(1);
    expect(events(body(false), {}, [1], one).stuck).toHaveLength(1);
  });

  test("a run that does not end is cut", () => {
    const { end, steps, stuck } = events(
      function* () {
        for (;;) yield;
      },
      {},
      [],
      { ...QUIET, maxSteps: 50 },
    );
    expect({ end, steps, stuck }).toEqual({ end: "cut", steps: 50, stuck: [] });
  });
});
