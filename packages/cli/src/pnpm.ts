import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { PNPM_ENVIRONMENT } from "../bin/install.mjs";
import { runProgram } from "./run-program.ts";

/** Runs the pinned pnpm in the root of the workspace; resolves with its exit code and its whole output. */
export async function runPnpm(args: readonly string[]): Promise<{ code: number; said: string }> {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const env = { ...process.env, ...PNPM_ENVIRONMENT };
  let said = "";
  const onOutput = (text: string) => {
    said += text;
  };
  const code = await runProgram("npx", ["--yes", packageManager, ...args], { env, onOutput });
  return { code, said: said.trim() };
}
