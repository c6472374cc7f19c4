/** What was thrown, in words; it may be anything, also something that has none. */
export function thrownText(thrown: unknown): string {
  try {
    return (thrown instanceof Error ? thrown.message || thrown.name : String(thrown)).slice(0, 1000);
  } catch {
    return "something that cannot be printed";
  }
}
