/**
 * The input of a request's fingerprint: the values of the original fields, followed by every newer field with its name,
 * in a fixed order. A request without newer fields gives what earlier versions computed, so stored fingerprints stay
 * valid, also while old and new tasks run side by side. A field without a value counts as absent.
 */
export function everyField(first: readonly unknown[], others: object): unknown[] {
  const further = Object.entries(sorted(others));
  return further.length === 0 ? [...first] : [...first, further];
}

/** Sorts fields by name at every depth: their order in the request does not matter. */
function sorted(value: object): object {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
