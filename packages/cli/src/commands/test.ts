import { runVitest } from "../vitest.ts";
import { run as verify } from "./verify.ts";

/**
 * `npm test`: all checks and all tests. Arguments go to vitest and skip the static checks: `npm test -- --project unit`,
 * `npm test -- packages/core`.
 */
export async function run(args: string[]): Promise<number> {
  if (args.length === 0) return verify([]);
  const { passed, failures } = await runVitest(args);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}
