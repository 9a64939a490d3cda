import type { Server } from "node:http";
import { exit } from "@cloud-design/core/exit";
import { createLog, type Log } from "@cloud-design/core/log";
import { logProcess } from "@cloud-design/core/log-process";
import { BACKLOG } from "@cloud-design/http/server";
import * as z from "zod";

export { drain } from "@cloud-design/http/server";

/**
 * The life of a stand-in's process: start, then stop once on SIGTERM or SIGINT and exit 0. The reason for a failed start
 * is one line of its log.
 */
export async function runStandIn(
  name: string,
  start: (log: Log) => Promise<() => Promise<void>>,
): Promise<void> {
  // Its files (orders, traces, keys) are readable only by the user who started it.
  process.umask(0o077);
  const log = createLog(name);
  logProcess(log);
  try {
    const stop = await start(log);
    const leave = () => {
      log.info("stopping");
      void stop().then(
        () => exit(0),
        (error: unknown) => {
          log.error({ err: error }, "stopping failed");
          exit(1);
        },
      );
    };
    process.once("SIGTERM", leave).once("SIGINT", leave);
  } catch (error) {
    log.fatal({ err: error }, "cannot start");
    process.exit(1);
  }
}

/** The address that a stand-in listens on by default: it trusts every caller that can reach it. */
export const LOOPBACK = "127.0.0.1";

/** A port to listen on; 0 takes any free one. */
export const Port = z.coerce.number<string>().int().min(0).max(65_535);

/** Resolves with the port. */
export function listen(server: Server, port: number, host = LOOPBACK): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(port, host, BACKLOG, () => {
    server.off("error", reject);
    const address = server.address();
    resolve(typeof address === "object" && address ? address.port : port);
  });
  return promise;
}
