import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { AwsAccess } from "@cloud-design/stage/aws-access";

export interface SessionOptions {
  /** The task's container, as Session Manager knows it. */
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
/** What the plugin says once it listens. */
const READY = "Waiting for connections";
const READY_SECONDS = 30;

/**
 * Runs its arguments in a group of their own, out of reach of the terminal's Ctrl-C, and ends them when its fourth channel closes: because we
 * close it, or because we were killed. SIGINT is what the plugin ends its session with.
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
  guard.on("error", () => {}); // the reader has gone first
  // Whatever is left of it goes too.
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

/** Also reads on, so that a full pipe never holds the program up. */
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
