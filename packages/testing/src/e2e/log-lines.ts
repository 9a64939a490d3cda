import { logBytes, readFrom } from "@cloud-design/local/supervisor/log-file";
import { platform } from "./client.ts";

/** The lines that a part writes to its log from now on. */
export function logFromNow(part: string): () => string {
  const path = platform.parts[part]?.log ?? "";
  const start = logBytes(path);
  return () => readFrom(path, start).text;
}

/** The complete lines of a log, each of which must be one JSON object. */
export function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
