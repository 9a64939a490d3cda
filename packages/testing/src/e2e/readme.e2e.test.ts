import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { promisify } from "node:util";
import { ROOT } from "@cloud-design/local/platform/settings";
import { expect, inject, test } from "vitest";
import { stepsOf } from "../repository/pages.ts";
import { onThisPlatform, ops } from "./client.ts";

const PAGES = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT }).sort()]
  .map((page) => ({ page, steps: stepsOf(page) }))
  .filter(({ steps }) => steps.length > 0);

/** Ids, times and ports differ from run to run; white space depends on the terminal. */
function normalise(text: string): string {
  return text
    .replaceAll(/ord_[\w-]{40}/g, "ord_ID")
    .replaceAll(/"id":\d+/g, '"id":N')
    .replaceAll(/\/api\/movies\/\d+/g, "/api/movies/N")
    .replaceAll(/cursor=[\w-]+/g, "cursor=C")
    .replaceAll(/"latency_ms":\d+/g, '"latency_ms":N')
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z| UTC)/g, "TIME")
    .replaceAll(/^trace +[\da-f]{32}/gm, "trace ID")
    .replaceAll(/\b[\d.]+ (ms|s)\b/g, "DURATION")
    .replaceAll(/[▏▎▍▌▋▊▉█░]+/g, "BAR")
    .replaceAll(/(localhost|127\.0\.0\.1):\d+/g, "localhost:PORT")
    .replaceAll(/\s+/g, "");
}

async function type(script: string): Promise<string> {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") };
  const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: ROOT, env });
  return stdout;
}

test.each(PAGES)(
  "the commands of $page give the answers that it shows",
  { timeout: 180_000 },
  async ({ steps }) => {
    let variables = "";
    const inTerminal = (command: string) => type(variables + onThisPlatform(command));
    const stopped = new Set<string>();

    try {
      for (const { command, answer } of steps) {
        const [, variable] = /^([A-Z]+)=\$\(/.exec(command) ?? [];
        const [, change, part = ""] = /ops -- (stop|start) ([\w-]+)/.exec(command) ?? [];
        if (change === "stop") stopped.add(part);
        if (change === "start") stopped.delete(part);
        if (variable !== undefined) {
          const value = (await inTerminal(`${command}; echo "$${variable}"`)).trim();
          expect(value, command).toMatch(/^\S+$/);
          variables += `${variable}=${value}; `;
        } else if (answer !== "" && isQuestion(command)) {
          // A row appears a moment after its order was accepted.
          await expect
            .poll(async () => normalise(await inTerminal(command)), { timeout: 20_000, message: command })
            .toBe(normalise(answer));
        } else {
          const said = await inTerminal(command);
          if (answer !== "") expect(normalise(said), command).toBe(normalise(answer));
        }
      }
    } finally {
      for (const part of stopped) await ops("start", part);
    }
  },
);

/** Whether a command can be repeated without changing anything. */
function isQuestion(command: string): boolean {
  return /ops -- (sql|trace)/.test(command) || (command.startsWith("curl") && !/ -(d|X) /.test(command));
}

test("the README shows the first five minutes", () => {
  expect(PAGES.find(({ page }) => page === "README.md")?.steps.length).toBeGreaterThan(8);
});
