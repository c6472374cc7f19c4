// Members that several threads touch: where it matters who comes first.
import { precedes, type Task } from "../model/kernel-objects.ts";
import type { World } from "./kernel/world.ts";

/** Members that more than one thread touches and at least one of them stores. */
export function contested(world: World): ReadonlySet<string> {
  const shared = [...touchedBy(world)].filter(
    ([, by]) => by.size > 1 && [...by.values()].some(({ store }) => store !== undefined),
  );
  return new Set(shared.map(([key]) => key));
}

/** Those of them where it is not settled who comes first: what is set up before a thread is brought about is there for that. */
export function raced(world: World): string[] {
  const unsettled = ([one, a]: [Task, Touches], [other, b]: [Task, Touches]): boolean =>
    one !== other &&
    a.store !== undefined &&
    !precedes(one, a.store, other) &&
    !precedes(other, Math.max(b.store ?? 0, b.load ?? 0), one);
  return [...touchedBy(world)].flatMap(([key, by]) => {
    const all = [...by];
    return all.some((one) => all.some((other) => unsettled(one, other))) ? [key] : [];
  });
}

/** In which of its steps a thread touches a member for the last time. */
interface Touches {
  store?: number;
  load?: number;
}

function touchedBy({ loads, stores }: World): ReadonlyMap<string, ReadonlyMap<Task, Touches>> {
  const touched = new Map<string, Map<Task, Touches>>();
  for (const list of [loads, stores]) {
    for (const { object, name, task, kind, step } of list) {
      const key = `${object.name}.${name}`;
      let by = touched.get(key);
      if (by === undefined) touched.set(key, (by = new Map()));
      let each = by.get(task);
      if (each === undefined) by.set(task, (each = {}));
      each[kind] = step;
    }
  }
  return touched;
}

/** Members that are read of what another thread frees: it matters whether that comes first. */
export function outlived({ loads, freedBy }: World): string[] {
  return loads.flatMap(({ object, name, task, step }) => {
    const freer = freedBy.get(object);
    return freer === undefined || freer === task || precedes(task, step, freer) ? [] : [`${object.name}.${name}`];
  });
}
