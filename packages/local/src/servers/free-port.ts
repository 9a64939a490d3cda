import { isFree } from "../supervisor/ports.ts";

/** Below the range from which systems assign ports to outgoing connections, so that no such connection takes the port first. */
const PORTS = { first: 10_240, last: 32_767 };
let nextPort = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));

/** A port without a listener that this process has not given out before. */
export async function freePort(): Promise<number> {
  const port = nextPort;
  nextPort = port < PORTS.last ? port + 1 : PORTS.first;
  return (await isFree(port)) ? port : freePort();
}
