import { nearest } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import pc from "picocolors";
import { runStaticChecks } from "../static-checks.ts";
import { projectNames, runProject, type Tally } from "../vitest.ts";

const CHECK = "check";

/** The tests wait more than they work: four kinds beside each other keep two processors busy. */
const LANES = 4;

/**
 * `npm run verify [-- PART...]`: what CI runs. The parts are `check` and the projects of vitest.config.ts; without one it is all of them,
 * the projects beside each other.
 */
export async function run(args: string[]): Promise<number> {
  const projects = await projectNames();
  const parts = args.length > 0 ? args : [CHECK, ...projects];
  for (const part of parts) refuseUnknown(part, [CHECK, ...projects]);
  const tallies: Tally[] = [];
  if (parts.includes(CHECK)) {
    const { passed, failed } = await runStaticChecks();
    tallies.push({ passed, failures: failed });
  }
  const waiting = projects.filter((project) => parts.includes(project)).values();
  const lane = async () => {
    for (const project of waiting) tallies.push(await runProject(project));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return conclude(tallies);
}

function refuseUnknown(part: string, known: readonly string[]): void {
  if (known.includes(part)) return;
  throw new SetupError(`npm run verify has no part ${part}: did you mean ${nearest(part, known)}?`);
}

function conclude(tallies: readonly Tally[]): number {
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failures = tallies.flatMap((tally) => tally.failures);
  // Each failure was printed where it happened, which may be far above.
  for (const failure of failures) console.log(`${pc.red("✘")} ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}
