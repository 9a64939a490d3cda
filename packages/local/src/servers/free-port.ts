import { threadId } from "node:worker_threads";
import { isFree } from "../supervisor/ports.ts";

/** Below the range from which systems assign ports to outgoing connections, so that no such connection takes the port first. */
const PORTS = { first: 10_240, last: 32_767 };
/**
 * Each process and thread begins at ports of its own: two that begin at random may give out the same port before either
 * listens.
 */
const APART = { processes: 64, threads: 6_400 };
const begin = process.pid * APART.processes + threadId * APART.threads;
let nextPort = PORTS.first + (begin % (PORTS.last - PORTS.first));

/** A port without a listener that this process has not given out before. */
export async function freePort(): Promise<number> {
  const port = nextPort;
  nextPort = port < PORTS.last ? port + 1 : PORTS.first;
  return (await isFree(port)) ? port : freePort();
}
