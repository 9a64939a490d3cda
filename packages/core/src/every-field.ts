/**
 * What a fingerprint of a request covers: the values of the fields that requests have had from the beginning, and behind them every
 * further field with its name, in one order. Without a further field that is what earlier versions covered, so their fingerprints stay
 * right, also while old and new tasks run side by side. A field without a value counts as absent.
 */
export function everyField(first: readonly unknown[], others: object): unknown[] {
  const further = Object.entries(sorted(others));
  return further.length === 0 ? [...first] : [...first, further];
}

/** By name, at every depth: what is written in another order is the same. */
function sorted(value: object): object {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
