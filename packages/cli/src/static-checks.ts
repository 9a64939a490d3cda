import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import pc from "picocolors";
import { runProgram } from "./run-program.ts";

interface StaticCheck {
  name: string;
  /** Below node_modules. */
  program: string;
  args: readonly string[];
}

const TYPES = "typescript/bin/tsc";

/** All checks that do not run the product. */
const STATIC_CHECKS: readonly StaticCheck[] = [
  { name: "format, lint", program: "@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
  {
    name: "types",
    program: TYPES,
    // The second run looks only at what has changed.
    args: ["--project", ".", "--incremental", "--tsBuildInfoFile", "node_modules/.cache/types.tsbuildinfo"],
  },
  { name: "types of /status", program: TYPES, args: ["--project", "packages/status/src/browser"] },
  { name: "types of /live", program: TYPES, args: ["--project", "packages/traces/src/page"] },
  {
    name: "imports",
    program: "dependency-cruiser/bin/dependency-cruiser.mjs",
    args: ["packages", "stacks", "sst.config.ts", "vitest.config.ts", "--output-type", "err-long"],
  },
  { name: "unused", program: "knip/bin/knip.js", args: ["--no-progress"] },
];

/** Runs all of them at the same time, and prints a line for each and the output of a failed one. Returns the names of those that failed. */
export async function runStaticChecks(): Promise<{ passed: number; failed: string[] }> {
  const results = await Promise.all(STATIC_CHECKS.map(runCheck));
  const failed = STATIC_CHECKS.filter((_, index) => !results[index]).map(({ name }) => name);
  return { passed: STATIC_CHECKS.length - failed.length, failed };
}

async function runCheck({ name, program, args }: StaticCheck): Promise<boolean> {
  const startedAt = performance.now();
  let output = "";
  const onOutput = (text: string) => {
    output += text;
  };
  const file = join(ROOT, "node_modules", program);
  const code = await runProgram(process.execPath, [file, ...args], { onOutput });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const line = `${code === 0 ? pc.green("✔") : pc.red("✘")} ${name.padEnd(20)} ${seconds.padStart(5)} s`;
  console.log(code === 0 ? line : `${line}\n${output.trimEnd()}`);
  return code === 0;
}
