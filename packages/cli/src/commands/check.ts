import { runStaticChecks } from "../static-checks.ts";

/** `npm run check`: all checks that do not run the product, in some seconds. */
export async function run(): Promise<number> {
  const { failed } = await runStaticChecks();
  return failed.length === 0 ? 0 : 1;
}
