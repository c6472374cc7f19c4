import { kernelFunctions } from "../../kernel/exec/functions.ts";
import { kernelTypes } from "../../kernel/exec/types.ts";
import type { Binding, Bindings } from "../bind.ts";
import type { Int } from "../value.ts";
import { bioBindings } from "./bio.ts";
import { fileBindings } from "./file.ts";
import { memoryBindings } from "./memory.ts";
import { requestBindings } from "./request.ts";
import { taskBindings } from "./tasks.ts";

/** What the model does for the functions of src/kernel/exec/functions.ts that have no C body there. */
export const implementations: ReadonlyMap<string, Binding> = new Map([
  ...memoryBindings,
  ...taskBindings,
  ...bioBindings,
  ...fileBindings,
  ...requestBindings,
]);

/** The kernel that executed code stands on. */
export function kernelBindings(constants: ReadonlyMap<string, Int>, asked = ""): Bindings {
  const types = [...kernelTypes, ...kernelFunctions].map(({ c }) => c).join("\n");
  return { functions: implementations, constants, types, asked };
}
