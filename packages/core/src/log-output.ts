import { constants, fstatSync, openSync, writeSync } from "node:fs";

/**
 * How long a write waits for a reader to make room in a full pipe: a service must not wait longer for its log than for
 * its callers.
 */
const PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 10;
const STANDARD_OUTPUT = 1;
/** A pipe takes so many bytes as a whole or not at all, so a stopped reader never gets half a line (Linux, pipe(7)). */
const TOGETHER_BYTES_MAX = 4_096;

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const output = openOutput();
/** False after one timeout: later lines do not wait again until the reader returns. */
let isRead = true;

/** Lines that wait to be written together; undefined outside `writeTogether`. */
let together: Buffer[] | undefined;
let togetherBytes = 0;

/**
 * Standard output, for the log. `process.stdout` writes to a pipe later, and its failure would end the process. Here a
 * line is written before the call returns, or it is lost.
 */
export const logOutput = {
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (together === undefined) {
      writeNow(bytes);
      return;
    }
    if (togetherBytes + bytes.length > TOGETHER_BYTES_MAX) writeWaiting();
    together.push(bytes);
    togetherBytes += bytes.length;
  },
};

/**
 * Writes the lines of `work` with fewer calls of the system, each for several lines. They are written when this returns.
 */
export function writeTogether(work: () => void): void {
  together = [];
  try {
    work();
  } finally {
    writeWaiting();
    together = undefined;
  }
}

function writeWaiting(): void {
  if (together !== undefined && togetherBytes > 0) writeNow(Buffer.concat(together.splice(0), togetherBytes));
  togetherBytes = 0;
}

function writeNow(bytes: Buffer): void {
  let rest = bytes;
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
}

/**
 * A full pipe blocks the whole process within the write, for as long as its reader likes, unless the pipe was opened
 * non-blocking. It is opened again here, because the original belongs to the parent process and others write to it as
 * well. Where that is impossible, as on macOS, the original is used.
 */
function openOutput(): number {
  try {
    if (!fstatSync(STANDARD_OUTPUT).isFIFO()) return STANDARD_OUTPUT;
    return openSync(`/proc/self/fd/${STANDARD_OUTPUT}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return STANDARD_OUTPUT;
  }
}
