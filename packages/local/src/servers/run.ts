import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SEARCH_PATH } from "./search-path.ts";

const execFileAsync = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

interface RunOptions {
  env?: Readonly<Record<string, string>>;
  uid?: number;
  gid?: number;
  cwd?: string;
  /** Standard input. A password belongs here, because `ps` shows arguments. */
  input?: string;
}

/** Runs a program to its end. On failure, the message of the error is the program's own reason, without a full stop. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input, ...settings } = options;
  const env = { ...process.env, PATH: SEARCH_PATH, ...options.env };
  try {
    const running = execFileAsync(file, args, { ...settings, env, maxBuffer: OUTPUT_BYTES_MAX });
    if (input !== undefined) running.child.stdin?.end(input);
    return (await running).stdout;
  } catch (error) {
    throw new Error(reason(error));
  }
}

function reason(error: unknown): string {
  const { stderr = "", message = String(error) } = error as { stderr?: string; message?: string };
  const lines = stderr.trim().split("\n");
  const line = lines.find((line) => /error|fatal|^E:/i.test(line)) || lines.at(-1) || message;
  return line.trim().replace(/\.$/, "");
}
