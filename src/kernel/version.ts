import { releases } from "./names.ts";

/** A kernel version that advice is fitted to, and how it was found out. */
export interface Base {
  /** "6.10"; undefined if nothing tells. */
  readonly version: string | undefined;
  readonly from: "tree" | "mail date" | "unknown";
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`; both "major.minor". */
export function compareVersions(a: string, b: string): number {
  const [a1 = 0, a2 = 0] = a.split(".").map(Number);
  const [b1 = 0, b2 = 0] = b.split(".").map(Number);
  return a1 - b1 || a2 - b2;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/**
 * The version that was being developed when a mail was sent: the first release behind its date.
 * @param date a Date header as it stands; the time of day and the zone do not matter here.
 */
export function versionAt(date: string | undefined): string | undefined {
  const m = /(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4})/.exec(date ?? "");
  const month = m ? months.indexOf((m[2] as string).toLowerCase()) : -1;
  if (!m || month < 0) return undefined;
  const day = `${m[3]}-${String(month + 1).padStart(2, "0")}-${(m[1] as string).padStart(2, "0")}`;
  return releases.find(([, released]) => released > day)?.[0];
}

/** VERSION and PATCHLEVEL of a kernel's top Makefile. */
export function versionOfMakefile(makefile: string | undefined): string | undefined {
  const major = /^VERSION\s*=\s*(\d+)/m.exec(makefile ?? "")?.[1];
  const minor = /^PATCHLEVEL\s*=\s*(\d+)/m.exec(makefile ?? "")?.[1];
  return major !== undefined && minor !== undefined ? `${major}.${minor}` : undefined;
}
