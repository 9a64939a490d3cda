import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readableLine } from "../terminal/readable-line.ts";
import { lastLines, openLog } from "./log-file.ts";
import { type Part, SetupError } from "./part.ts";
import { LOG_VARIABLE, type ProcessIdentity, send, startTime } from "./process-table.ts";
import { unlessAborted } from "./unless-aborted.ts";

const ASK_AGAIN_MILLISECONDS = 100;
const SHOWN_LINES = 15;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningPart extends ProcessIdentity {
  name: string;
  exited: Promise<Exit>;
  /** Asks the process to exit; kills its whole group once `stopSeconds` have passed. */
  stop(): Promise<void>;
  /** Kills its whole group at once. */
  kill(): void;
}

interface StartOptions {
  logFile: string;
  report?: (doing: string) => void;
  /** Called as soon as the process exists, before it is ready: once it is recorded, a later start can stop it. */
  onSpawn?: (running: RunningPart) => void;
  signal?: AbortSignal;
}

/** Starts a part in a process group of its own and resolves once it is ready. A failure leaves nothing behind. */
export async function startPart(part: Part, options: StartOptions): Promise<RunningPart> {
  const { logFile, report = () => {}, signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  await unlessAborted(signal, part.prepare?.(report));
  report("starting");
  const log = openLog(logFile);
  const logStart = fstatSync(log).size;
  const running = await spawnPart(part, log, logFile).finally(() => closeSync(log));
  options.onSpawn?.(running);
  const failure = await whyNotReady(part, running, signal);
  if (failure === undefined) return running;
  await running.stop();
  signal.throwIfAborted();
  const said = lastLines(logFile, SHOWN_LINES, logStart).map((line) => `  ${readableLine(line)}`);
  throw new SetupError([failure, ...said, logHint(part.name, logFile)].join("\n"));
}

export function logHint(name: string, logFile: string): string {
  return `See its whole log with \`npm run ops -- logs ${name}\` (${relative(process.cwd(), logFile)}).`;
}

export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `code ${code}` : signal;
}

async function spawnPart(part: Part, log: number, logFile: string): Promise<RunningPart> {
  const { file, args, cwd, uid, gid, ...command } = part.command();
  const env = { ...command.env, [LOG_VARIABLE]: logFile };
  // A file descriptor, not a pipe: the log goes on when the supervisor is gone.
  const stdio = ["ignore", log, log] as const;
  const child = spawn(file, args, { env, cwd, uid, gid, stdio: [...stdio], detached: true });
  const { pid } = child;
  if (pid === undefined)
    throw new SetupError(`${part.name} could not be started: ${await spawnError(child)}`);
  const startedAt = startTime(pid) ?? "";
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      // At once, because another process may get its number later.
      send(-pid, "SIGKILL");
      resolve({ code, signal });
    });
  });
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  const kill = () => void (hasExited() || send(-pid, "SIGKILL"));
  const stop = async () => {
    child.kill(part.stopSignal);
    const { stopSignal, stopSeconds, stopAgainSeconds } = part;
    const again = stopAgainSeconds && setInterval(() => child.kill(stopSignal), stopAgainSeconds * 1000);
    const late = setTimeout(kill, stopSeconds * 1000);
    await exited;
    clearInterval(again);
    clearTimeout(late);
  };
  return { name: part.name, pid, startedAt, exited, stop, kill };
}

function spawnError(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.once("error", (error) => resolve(error.message)));
}

/** Undefined once the part is ready or the start was aborted. */
async function whyNotReady(
  part: Part,
  running: RunningPart,
  signal: AbortSignal,
): Promise<string | undefined> {
  const over = new AbortController();
  const deadline = AbortSignal.timeout(part.readySeconds * 1000);
  const until = AbortSignal.any([signal, over.signal, deadline]);
  const late = `${part.name} was not ready within ${part.readySeconds} s.`;
  try {
    return await Promise.race([
      running.exited.then((exit) => `${part.name} ended with ${describeExit(exit)} before it was ready.`),
      unlessAborted(until, askUntilReady(part, until)).then(
        () => undefined,
        () => (deadline.aborted ? late : "given up"),
      ),
    ]);
  } finally {
    over.abort();
  }
}

async function askUntilReady(part: Part, signal: AbortSignal): Promise<void> {
  while (!(await part.isReady().catch(() => false)))
    await sleep(ASK_AGAIN_MILLISECONDS, undefined, { signal });
}
