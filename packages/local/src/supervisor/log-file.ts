import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const ROTATE_BYTES = 10 * 1024 * 1024;
/** Enough for most logs; more is read if the last lines are long. */
const TAIL_BYTES = 256 * 1024;

/** Where a part of the platform in this directory logs. */
export function logFileOf(directory: string, part: string): string {
  return join(directory, "logs", `${part}.log`);
}

/** Opens a log to append to; a log over 10 MB is renamed to `.1` first. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (logBytes(path) > ROTATE_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

export function logBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of a log, but only those after `fromByte`. */
export function lastLines(path: string, count: number, fromByte = 0): string[] {
  if (count === 0) return [];
  for (let bytes = TAIL_BYTES; ; bytes *= 4) {
    const start = Math.max(fromByte, logBytes(path) - bytes);
    const lines = readFrom(path, start).text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    // An incomplete line is left out: a reader of JSON would fail on it.
    if (start > fromByte) lines.shift();
    if (start === fromByte || lines.length >= count) return lines.slice(-count);
  }
}

/** The text of a log from this byte on, and the byte at which it ends now. */
export function readFrom(path: string, start: number): { text: string; end: number } {
  if (logBytes(path) <= start) return { text: "", end: start };
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(fstatSync(file).size - start);
    const length = readSync(file, buffer, 0, buffer.length, start);
    return { text: buffer.toString("utf8", 0, length), end: start + length };
  } finally {
    closeSync(file);
  }
}

/** Returns the whole lines since the last call, including those of a log that was renamed to `.1` meanwhile. */
export function openTail(path: string): () => string[] {
  let file: number | undefined;
  let position = 0;
  function linesOf(source: string): string[] {
    const { text } = readFrom(source, position);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    position += Buffer.byteLength(whole);
    return whole.split("\n");
  }
  return () => {
    const lines: string[] = [];
    const current = inode(path);
    if (current !== file) {
      const aside = `${path}.1`;
      if (file === undefined || inode(aside) === file) lines.push(...linesOf(aside));
      [file, position] = [current, 0];
    }
    lines.push(...linesOf(path));
    return lines;
  };
}

function inode(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
