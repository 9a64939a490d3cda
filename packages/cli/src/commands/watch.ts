import { watchUnitTests } from "../vitest.ts";

/** `npm run watch`: repeats the unit tests that a change touches, until Ctrl-C. Arguments go to vitest. */
export function run(args: string[]): Promise<number> {
  return watchUnitTests(args);
}
