import { expect, test } from "vitest";
import { hasDescription, wrongWith } from "./openapi.ts";

test.skipIf(!hasDescription)(
  "requests are held against GitHub's description (skipped without npm ci in test/hosts)",
  () => {
    const asked = (method: string, path: string, body?: unknown) =>
      wrongWith({ method, path, query: new URLSearchParams(), headers: {}, body });
    expect(asked("POST", "/repos/o/r/check-runs", { name: "copylint", head_sha: "1" })).toBeUndefined();
    expect(asked("POST", "/repos/o/r/check-runs", { head_sha: "1" })).toContain("name");
    expect(asked("POST", "/repos/o/r/check-runs", { name: "copylint", head_sha: "1", colour: "red" })).toContain(
      "colour",
    );
    expect(asked("PUT", "/repos/o/r/check-runs", {})).toContain("has no PUT");
    expect(asked("GET", "/repos/o/r/nothing")).toBe("there is no such path");
  },
);
