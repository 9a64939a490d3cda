import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import pc from "picocolors";
import { runProgram } from "../run-program.ts";
import { projectNames, runProject, runVitest, type Tally } from "../vitest.ts";

const binary = (path: string) => join(ROOT, "node_modules", path);

/** Everything that is checked without running the product. Layering is among the rules of biome.json. */
const STATIC_CHECKS = [
  {
    name: "format, lint, layering",
    file: binary("@biomejs/biome/bin/biome"),
    args: ["check", "--error-on-warnings", "."],
  },
  { name: "types", file: binary("typescript/bin/tsc"), args: ["--project", "."] },
  {
    name: "types in the browser",
    file: binary("typescript/bin/tsc"),
    args: ["--project", "packages/status/src/browser"],
  },
];

/** The tests wait more than they work: two lanes keep two processors busy, and still leave them time. */
const LANES = 2;

/**
 * `npm test`: all checks, then all tests, the projects beside each other. Arguments go to vitest and leave the static checks out:
 * `npm test -- --project unit`, `npm test -- packages/core`.
 */
export async function run(args: string[]): Promise<number> {
  const tallies = args.length === 0 ? await runEverything() : [await runVitest(args)];
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failures = tallies.flatMap((tally) => tally.failures);
  // Each was told where it happened, which may be far above.
  if (args.length === 0) for (const failure of failures) console.log(`${pc.red("✘")} ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

async function runEverything(): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const check of STATIC_CHECKS) tallies.push(await runStatic(check));
  const projects = (await projectNames()).values();
  const lane = async () => {
    for (const project of projects) tallies.push(await runProject(project));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return tallies;
}

async function runStatic({ name, file, args }: (typeof STATIC_CHECKS)[number]): Promise<Tally> {
  const startedAt = performance.now();
  let output = "";
  const onOutput = (text: string) => {
    output += text;
  };
  const code = await runProgram(process.execPath, [file, ...args], { onOutput });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${code === 0 ? pc.green("✔") : pc.red("✘")} ${name.padEnd(24)} ${seconds} s`);
  if (code === 0) return { passed: 1, failures: [] };
  console.log(output);
  return { passed: 0, failures: [name] };
}
