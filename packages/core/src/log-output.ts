import { constants, fstatSync, openSync, writeSync } from "node:fs";

/** What a reader may take to make room in a full pipe; a product that waits longer for its log than for its customers is no use. */
const PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 10;
const STANDARD_OUTPUT = 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const output = openOutput();
/** Nobody waits a second time for a reader that did not come. */
let isRead = true;

/**
 * Standard output, for pino: its own destination writes later and not always in order, and where the disk is full it waits for ever with a
 * line that is fatal. Here a line is written when the call returns, or lost.
 */
export const logOutput = {
  write(line: string): void {
    let rest: Buffer = Buffer.from(line);
    const until = performance.now() + (isRead ? PATIENCE_MS : 0);
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(output, rest));
        isRead = true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
        isRead = performance.now() < until;
        if (!isRead) return;
        Atomics.wait(sleeper, 0, 0, LOOK_AGAIN_MS);
      }
    }
  },
};

/**
 * A pipe that is full holds up the whole process within the call, for as long as its reader likes, unless it was opened not to. Opened anew,
 * because that belongs to whoever opened it, and others write to it as well. Where that cannot be done, as on macOS, it is as it was.
 */
function openOutput(): number {
  try {
    if (!fstatSync(STANDARD_OUTPUT).isFIFO()) return STANDARD_OUTPUT;
    return openSync(`/proc/self/fd/${STANDARD_OUTPUT}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return STANDARD_OUTPUT;
  }
}
