import { writeSync } from "node:fs";

/** What a reader may take to make room in a full pipe; a product that waits longer for its log than for its customers is no use. */
const PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 10;
const STANDARD_OUTPUT = 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Standard output, for pino: its own destination writes later and not always in order, and where the disk is full it waits for ever with a
 * line that is fatal. Here a line is written when the call returns, or lost.
 */
export const logOutput = {
  write(line: string): void {
    let rest: Buffer = Buffer.from(line);
    const until = Date.now() + PATIENCE_MS;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(STANDARD_OUTPUT, rest));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || Date.now() > until) return;
        Atomics.wait(sleeper, 0, 0, LOOK_AGAIN_MS);
      }
    }
  },
};
