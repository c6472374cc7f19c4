import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCode } from "../../src/engine/code.ts";
import { extractFacts } from "../../src/engine/extract.ts";
import { staged } from "../../src/exec/execute.ts";
import { programOf } from "../../src/exec/harness.ts";
import { scenariosOf } from "../../src/exec/scenarios.ts";
import { describe as inWords } from "../../src/model/event.ts";
import { type Budget, runOnce } from "../../src/model/schedule.ts";
import { statesOf } from "../../src/source/states.ts";
import { seriesOf, top } from "../reviewing.ts";
import { engineMail } from "./engines.ts";

const engines = readdirSync(join(top, "fixtures/engines")).filter((name) => name.endsWith(".c"));

test.each(engines)("%s takes the same steps whether or not it pauses where nobody interrupts it", async (name) => {
  const [series] = await seriesOf([engineMail(name)]);
  const { stage, entries } = staged(extractFacts(readCode(statesOf(series!).at(1), () => true)));
  expect(entries).not.toEqual([]);
  for (const entry of entries) {
    for (const { scenario } of scenariosOf(stage, entry, true, () => undefined).slice(0, 12)) {
      const told = (budget: Pick<Budget, "interrupt">) => {
        const bounds = { failures: 0, preemptions: 0, maxSteps: 20_000, ...budget };
        const { kernel, steps, end, choices } = runOnce(programOf(stage, entry, scenario), bounds, [], {
          record: true,
        });
        const tasks = kernel.tasks.map((task) => [task.name, task.steps, task.done]);
        return {
          steps,
          end,
          choices,
          tasks,
          events: kernel.events!.map((event) => `${event.actor}: ${inWords(event)}`),
        };
      };
      const everywhere = told({});
      expect(everywhere.steps).toBeGreaterThan(1);
      expect(told({ interrupt: [] })).toEqual(everywhere);
    }
  }
});
