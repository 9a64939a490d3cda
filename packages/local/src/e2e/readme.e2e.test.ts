import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { ROOT } from "../settings.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");

interface Step {
  command: string;
  answer: string;
}

/** The console blocks: each `$ ` line is typed, the lines below it are its answer. */
function transcript(): Step[] {
  const blocks = [...README.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((typed) => {
      const [command = "", ...answer] = typed.trim().split("\n");
      return { command, answer: answer.join("\n") };
    });
}

/** Ids and ports differ from run to run; white space is the terminal's. */
function normalise(text: string): string {
  return text
    .replaceAll(/ord_[\w-]{40}/g, "ord_ID")
    .replaceAll(/"id":\d+/g, '"id":N')
    .replaceAll(/(localhost|127\.0\.0\.1):\d+/g, "localhost:PORT")
    .replaceAll(/\s+/g, "");
}

async function type(script: string): Promise<string> {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") };
  const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: ROOT, env });
  return stdout;
}

test("the first five minutes go as the README says", async () => {
  const steps = transcript();
  expect(steps.length).toBeGreaterThan(8);
  const host = inject("gatewayUrl").replace("http://", "");
  const [tokenStep, ...others] = steps;
  const token = (await type(`${tokenStep?.command}; echo $TOKEN`)).trim();

  for (const { command, answer } of others) {
    const script = `TOKEN=${token}; ${command.replaceAll("localhost:3000", host)}`;
    const isQuestion = answer !== "" && command.includes("ops -- sql");
    if (isQuestion) {
      // A row is there a moment after its order was accepted.
      await expect
        .poll(async () => normalise(await type(script)), { timeout: 20_000, message: command })
        .toBe(normalise(answer));
    } else {
      const said = await type(script);
      if (answer !== "") expect(normalise(said), command).toBe(normalise(answer));
    }
  }
});
