import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Step } from "./workflow.ts";

export interface Programs {
  /** The shell script for each program. Besides them only the system's programs are on the path. */
  [name: string]: string;
}

export interface JobRun {
  isSuccessful: boolean;
  /** The summary that the steps wrote. */
  summary: string;
  /** The lines that the programs wrote into `$CALLS`. */
  calls: string[];
}

type Outcome = "success" | "failure" | "skipped";

/**
 * Runs the shell of a job's steps as GitHub does: in order until one fails, then only the steps with `if: failure()`. Actions are taken as done;
 * the action that assumes a role puts `credentials` into the environment of the later steps.
 */
export function runJob(
  steps: readonly Step[],
  {
    programs,
    env,
    credentials,
  }: Record<"env" | "credentials", Record<string, string>> & { programs: Programs },
): JobRun {
  const directory = mkdtempSync(join(tmpdir(), "cloud-design-workflow-"));
  const file = (name: string) => join(directory, name);
  const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), "utf8") : "");
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(file(name), `#!/bin/sh\n${text}`, { mode: 0o755 });
  }
  const known = new Map<string, string>();
  let isSuccessful = true;
  steps.forEach((step, index) => {
    const output = file(`output-${index}`);
    const isRoleTaken = steps.slice(0, index).some(({ uses }) => uses?.includes("configure-aws-credentials"));
    const outcome = runStep(step, isSuccessful, {
      ...env,
      ...(isRoleTaken && credentials),
      PATH: `${directory}:/usr/bin:/bin`,
      STATE: directory,
      CALLS: file("calls"),
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: file("summary"),
      ...filledIn(step.env, known),
    });
    known.set(`steps.${step.id}.outcome`, outcome);
    for (const [, name, value = ""] of read(`output-${index}`).matchAll(/^(\w+)=(.*)$/gm)) {
      known.set(`steps.${step.id}.outputs.${name}`, value);
    }
    if (outcome === "failure") isSuccessful = false;
  });
  const run = { isSuccessful, summary: read("summary"), calls: read("calls").split("\n").filter(Boolean) };
  rmSync(directory, { recursive: true });
  return run;
}

function runStep(step: Step, isSuccessful: boolean, env: Record<string, string>): Outcome {
  if (step.if !== undefined && step.if !== "failure()") throw new Error(`What is "if: ${step.if}"?`);
  if (isSuccessful !== (step.if === undefined)) return "skipped";
  if (step.run === undefined) return "success";
  // GitHub's default shell for a step.
  const { status } = spawnSync("bash", ["-e", "-c", step.run], { env, cwd: env.STATE });
  return status === 0 ? "success" : "failure";
}

/** As on GitHub, an expression without a value is empty. */
function filledIn(env: Step["env"], known: ReadonlyMap<string, string>): Record<string, string> {
  const fill = (text: string) => text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, name) => known.get(name) ?? "");
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text)]));
}
