import type { Server } from "node:http";
import { createLog, type Log } from "@cloud-design/core/log";
import { logProcess } from "@cloud-design/core/log-process";

/**
 * The life of a stand-in's process: start, then stop once on SIGTERM or SIGINT and exit 0. What keeps it from starting
 * is one line of its log.
 */
export async function runStandIn(
  name: string,
  start: (log: Log) => Promise<() => Promise<void>>,
): Promise<void> {
  // What they keep (orders, traces, keys) is for the user who started them.
  process.umask(0o077);
  const log = createLog(name);
  logProcess(log);
  try {
    const stop = await start(log);
    const leave = () => {
      log.info("stopping");
      void stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, "stopping failed");
          process.exit(1);
        },
      );
    };
    process.once("SIGTERM", leave).once("SIGINT", leave);
  } catch (error) {
    log.fatal({ err: error }, "cannot start");
    process.exit(1);
  }
}

/** What a stand-in listens on where nothing else is said: they trust whoever reaches them. */
export const LOOPBACK = "127.0.0.1";

/** Resolves with the port. */
export function listen(server: Server, port: number, host = LOOPBACK): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(port, host, () => {
    server.off("error", reject);
    const address = server.address();
    resolve(typeof address === "object" && address ? address.port : port);
  });
  return promise;
}

/** Stops accepting, lets requests in flight finish, and cuts off what is left after `seconds`. */
export async function drain(server: Server, seconds: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  // Node closes idle connections once, at close(); those that turn idle later would hold the process.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), seconds * 1_000);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
