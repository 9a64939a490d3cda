import { stripVTControlCharacters } from "node:util";

const LINES = 15;
const TRACE_LINE = /^\s+at /;
const ERRORS = /^\s*✖\s+Errors/;

/** Why SST failed: its list of errors, or the end of its output. */
export function lastWords(said: string): string {
  const lines = stripVTControlCharacters(said)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "" && !TRACE_LINE.test(line));
  const begin = lines.findLastIndex((line) => ERRORS.test(line));
  const words = begin === -1 ? lines.slice(-LINES) : lines.slice(begin + 1);
  return words.map((line) => `  ${line.trim()}`).join("\n");
}
