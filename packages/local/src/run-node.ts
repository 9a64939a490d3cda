import { spawn } from "node:child_process";
import { ROOT } from "./settings.ts";

/** Runs a program of Node to its end; resolves with its exit code. Without `onOutput` it writes to this terminal itself. */
export function runNode(
  file: string,
  args: readonly string[],
  onOutput?: (text: string) => void,
): Promise<number> {
  return new Promise((done, fail) => {
    const stdio = onOutput === undefined ? "inherit" : "pipe";
    const child = spawn(process.execPath, [file, ...args], { cwd: ROOT, stdio: ["ignore", stdio, stdio] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
    }
    child.once("error", fail);
    child.once("close", (code) => done(code ?? 1));
  });
}
