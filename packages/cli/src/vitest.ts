import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "@cloud-design/local/platform/settings";
import { openToUnprivileged } from "@cloud-design/local/servers/unprivileged";
import pc from "picocolors";
import * as z from "zod";
import { runProgram } from "./run-program.ts";

export interface Tally {
  passed: number;
  /** The failures: a line each with its name, and below it what the test said. */
  failures: string[];
}

const Config = z.object({
  test: z.object({ projects: z.array(z.object({ test: z.object({ name: z.string() }) })) }),
});

const Report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/** The names of the projects in vitest.config.ts, in its order. */
export async function projectNames(): Promise<string[]> {
  const config = Config.parse((await import("../../../vitest.config.ts")).default);
  return config.test.projects.map(({ test }) => test.name);
}

const REASON_LINES_MAX = 12;

const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");

/** Repeats the unit tests that a change touches, until Ctrl-C. Resolves with the exit code. */
export function watchUnitTests(args: readonly string[]): Promise<number> {
  return runProgram(process.execPath, [VITEST, "watch", "--project", "unit", ...args], {
    isInteractive: true,
  });
}

/** One run of vitest, which writes to this terminal itself. */
export function runVitest(args: readonly string[]): Promise<Tally> {
  return tallyOf(args.join(" "), args);
}

/** One run of vitest for a project, beside those of others: its output is printed in whole lines. */
export async function runProject(project: string): Promise<Tally> {
  let unfinished = "";
  const args = ["--project", project, ...(pc.isColorSupported ? ["--color"] : [])];
  const tally = await tallyOf(project, args, (text) => {
    const end = (unfinished + text).lastIndexOf("\n") + 1;
    process.stdout.write((unfinished + text).slice(0, end));
    unfinished = (unfinished + text).slice(end);
  });
  process.stdout.write(unfinished);
  return tally;
}

async function tallyOf(
  what: string,
  args: readonly string[],
  onOutput?: (text: string) => void,
): Promise<Tally> {
  const directory = mkdtempSync(join(tmpdir(), "cloud-design-test-"));
  await openToUnprivileged(directory);
  const report = join(directory, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // Builds of the stage and other programs leave temporary files, which go with the directory.
  const env = { ...process.env, TMPDIR: directory };
  try {
    const code = await runProgram(process.execPath, [VITEST, "run", ...reporters, ...args], {
      env,
      onOutput,
    });
    const { numPassedTests, testResults } = Report.parse(JSON.parse(readFileSync(report, "utf8")));
    const failures = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === "failed")
        .map(({ fullName, failureMessages }) =>
          [`${what}: ${relative(ROOT, name)}: ${fullName}`, ...failureMessages.flatMap(reasonIn)].join(
            "\n    ",
          ),
        ),
    );
    // A file that does not load, or a set-up that fails, does not fail a test.
    if (code !== 0 && failures.length === 0) failures.push(`${what}: see above`);
    return { passed: numPassedTests, failures };
  } catch {
    return { passed: 0, failures: [`${what}: see above`] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The lines of a failure's message before its stack, shortened: the whole stands where the test failed, which a log may have cut away. */
function reasonIn(message: string): string[] {
  const lines = stripVTControlCharacters(message).split("\n");
  const stack = lines.findIndex((line) => /^\s+at /.test(line));
  return lines.slice(0, stack < 0 ? lines.length : stack).slice(0, REASON_LINES_MAX);
}
