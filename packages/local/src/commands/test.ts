import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import * as z from "zod";
import { ROOT } from "../settings.ts";

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

interface Tally {
  passed: number;
  failed: number;
}

/**
 * `npm test`: all checks, then all tests. Arguments go to vitest and leave the static checks out: `npm test -- --project unit`,
 * `npm test -- packages/core`.
 */
export async function run(args: string[]): Promise<number> {
  const tally: Tally = { passed: 0, failed: 0 };
  for (const { name, file, args: checkArgs } of args.length === 0 ? STATIC_CHECKS : []) {
    const startedAt = Date.now();
    const { code, output } = await node(file, checkArgs, "pipe");
    const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1);
    console.log(`${code === 0 ? pc.green("✔") : pc.red("✘")} ${name.padEnd(24)} ${seconds} s`);
    if (code !== 0) console.log(output);
    tally[code === 0 ? "passed" : "failed"]++;
  }
  const tests = await vitest(args);
  tally.passed += tests.passed;
  tally.failed += tests.failed;
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
}

const Report = z.object({ numPassedTests: z.number(), numFailedTests: z.number() });

async function vitest(args: string[]): Promise<Tally> {
  const directory = mkdtempSync(join(tmpdir(), "cloud-design-report-"));
  const report = join(directory, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const { code } = await node(binary("vitest/vitest.mjs"), ["run", ...reporters, ...args], "inherit");
    const { numPassedTests, numFailedTests } = Report.parse(JSON.parse(readFileSync(report, "utf8")));
    // A file that does not load, or a set-up that fails, fails no test of its own.
    return { passed: numPassedTests, failed: code === 0 ? numFailedTests : Math.max(1, numFailedTests) };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function node(
  file: string,
  args: string[],
  stdio: "inherit" | "pipe",
): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [file, ...args], { cwd: ROOT, stdio: ["ignore", stdio, stdio] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.once("error", fail);
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}
