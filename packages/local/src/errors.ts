import { SetupError } from "./part.ts";

/** What a person reads of a failure: the way out, never a stack trace unless they asked with DEBUG=1. */
export function explain(error: unknown): string {
  if (error instanceof SetupError) return error.message;
  if (process.env.DEBUG === "1")
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  return `${message} (unexpected: run again with DEBUG=1 to see where)`;
}
