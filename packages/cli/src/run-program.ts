import { spawn } from "node:child_process";
import { ROOT } from "@cloud-design/local/platform/settings";

interface Options {
  env?: NodeJS.ProcessEnv;
  /** Receives the program's output; without it the program writes to this terminal itself. */
  onOutput?: ((text: string) => void) | undefined;
  /** Whether the program reads keys from this terminal. */
  isInteractive?: boolean;
}

/** Runs a program in the root of the workspace to its end; resolves with its exit code. */
export function runProgram(
  file: string,
  args: readonly string[],
  { env = process.env, onOutput, isInteractive = false }: Options,
): Promise<number> {
  return new Promise((done, fail) => {
    const stdio = onOutput === undefined ? "inherit" : "pipe";
    const child = spawn(file, args, {
      cwd: ROOT,
      env,
      stdio: [isInteractive ? "inherit" : "ignore", stdio, stdio],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
    }
    child.once("error", fail);
    child.once("close", (code) => done(code ?? 1));
  });
}
