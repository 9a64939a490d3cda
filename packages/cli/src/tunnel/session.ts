import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { AwsAccess } from "@cloud-design/stage/aws-access";

export interface SessionOptions {
  /** The task's container, in Session Manager's spelling. */
  target: string;
  host: string;
  port: number;
  localPort: number;
  access: AwsAccess;
}

export interface Session {
  ended: Promise<unknown>;
  close(): Promise<void>;
}

const DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost";
/** The plugin's message once it listens. */
const READY = "Waiting for connections";
const READY_SECONDS = 30;

/**
 * Runs its arguments in a process group of their own, out of reach of the terminal's Ctrl-C, and ends them when its fourth channel closes:
 * because this process closes it, or because it was killed. The plugin ends its session at SIGINT.
 */
const GUARD = `{ cat <&3 >/dev/null; kill -INT 0; sleep 2; kill -KILL 0; } >/dev/null 2>&1 & exec "$@" 3<&-`;

/** One port forwarded by Session Manager. Resolves once it listens; Session Manager ends it after 20 minutes without traffic. */
export async function startSession(options: SessionOptions): Promise<Session> {
  const child = spawn("sh", ["-c", GUARD, "sh", "aws", ...argumentsOf(options)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const [, stdout, stderr, guard] = child.stdio as [null, Readable, Readable, Writable, ...unknown[]];
  guard.on("error", () => {}); // the reader has ended first
  // The rest of its process group must end too.
  void ended.then(() => guard.destroy());
  const close = async () => {
    guard.destroy();
    await ended;
  };
  try {
    await isReady([stdout, stderr], ended);
  } catch (error) {
    await close();
    throw error;
  }
  return { ended, close };
}

/** Keeps reading after that, so that a full pipe never blocks the program. */
async function isReady(streams: readonly Readable[], ended: Promise<unknown>): Promise<void> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of streams) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_096);
      if (said.includes(READY)) resolve();
    });
  }
  const refuse = (what: string) => {
    const last = said.trim().split("\n").at(-1) || "nothing";
    reject(new SetupError(`${what}; aws says: ${last}`));
  };
  void ended.then(() => setImmediate(refuse, "A session of the tunnel cannot be opened"));
  const timer = setTimeout(refuse, READY_SECONDS * 1_000, `A session is not open after ${READY_SECONDS} s`);
  await promise.finally(() => clearTimeout(timer));
}

function argumentsOf({ target, host, port, localPort, access }: SessionOptions): string[] {
  const parameters = { host: [host], portNumber: [String(port)], localPortNumber: [String(localPort)] };
  const { region, profile } = access;
  return [
    ...["ssm", "start-session", "--target", target, "--document-name", DOCUMENT],
    ...["--parameters", JSON.stringify(parameters), "--region", region],
    ...(profile ? ["--profile", profile] : []),
  ];
}
