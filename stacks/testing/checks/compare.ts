/** The unexpected items, and the missing ones. */
export function compareSets(what: string, actual: Iterable<string>, expected: Iterable<string>): string[] {
  const [is, should] = [new Set(actual), new Set(expected)];
  return [
    ...[...is].filter((item) => !should.has(item)).map((item) => `${what} not expected: ${item}`),
    ...[...should].filter((item) => !is.has(item)).map((item) => `${what} missing: ${item}`),
  ];
}
