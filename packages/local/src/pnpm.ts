import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./settings.ts";

/** Runs the pinned pnpm in the root of the workspace; resolves with its exit code and everything that it said. */
export function runPnpm(args: readonly string[]): Promise<{ code: number; said: string }> {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  // No questions that nobody sees, and no look at the registry for the pnpm that is pinned.
  const env = { ...process.env, CI: "true", pnpm_config_pm_on_fail: "ignore" };
  return new Promise((done, fail) => {
    const child = spawn("npx", ["--yes", packageManager, ...args], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    }
    child.once("error", fail);
    child.once("close", (code) => done({ code: code ?? 1, said: said.trim() }));
  });
}
