export type { Facts } from "../engine/facts.ts";
export type { Advice, AnyRule, FactName, Help, Mark, Rule, Sighting } from "./define.ts";
export { defineRule, hellwig, lore } from "./define.ts";
