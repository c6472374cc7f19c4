export type { Facts } from "../engine/facts.ts";
export type { Advice, AnyRule, FactName, Ground, Help, Mark, Rule, Sighting } from "./define.ts";
export { defineRule, hellwig, lore } from "./define.ts";
export type { ExecutedProperty, Violation } from "./runs.ts";
export { condition, inCall, onErrorPath, proviso, seenInRuns } from "./runs.ts";
