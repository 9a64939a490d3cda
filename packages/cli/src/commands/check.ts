import { runStaticChecks } from "../static-checks.ts";

/** `npm run check`: everything that can be said without running the product, in some seconds. */
export async function run(): Promise<number> {
  const { failed } = await runStaticChecks();
  return failed.length === 0 ? 0 : 1;
}
