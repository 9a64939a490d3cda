import * as z from "zod";
import { STACK_MAX, TEXT_MAX, toText } from "./logged-text.ts";

/** As deep as wrapping goes here; a chain of causes may be a circle. */
const CAUSES_MAX = 5;
/** Names of errors and codes are words. */
const WORD_MAX = 200;

/** An error, as a log has it. */
export const LoggedErrorLine = z.strictObject({
  type: z.string().max(WORD_MAX),
  message: z.string().max(TEXT_MAX).optional(),
  /** Of Node or PostgreSQL. */
  code: z.union([z.string().max(WORD_MAX), z.number()]).optional(),
  /** The frames alone: a stack begins with the message. */
  stack: z.string().max(STACK_MAX).optional(),
  get cause() {
    return LoggedErrorLine.optional();
  },
});
export type LoggedError = z.output<typeof LoggedErrorLine>;

/**
 * As much of an error as a log may hold. Libraries hang whole requests, queries with their values and connections on their errors, so
 * only what stands here is written; and no message that quotes a value. Never throws, whatever the error does when it is read.
 */
export function loggedError(error: unknown, causesMax = CAUSES_MAX): LoggedError {
  try {
    return error instanceof Error ? readError(error, causesMax) : { type: typeof error };
  } catch {
    return { type: "unreadable" };
  }
}

function readError(error: Error, causesMax: number): LoggedError {
  const { cause } = error;
  const [message, frames, code] = [messageOf(error), framesOf(error), codeOf(error)];
  return {
    type: toText(String(error.constructor.name), WORD_MAX),
    message: message === undefined ? undefined : toText(String(message)),
    code: typeof code === "string" ? toText(code, WORD_MAX) : code,
    stack: frames === undefined ? undefined : toText(frames, STACK_MAX),
    cause: cause === undefined || causesMax === 0 ? undefined : loggedError(cause, causesMax - 1),
  };
}

function messageOf(error: Error): string | undefined {
  // Drizzle's ends with the values of the query.
  if ("query" in error && "params" in error) return `Failed query: ${error.query}`;
  // The parser's quotes what it could not parse; PostgreSQL's quotes the value that no type takes (class 22, data exception).
  if (error instanceof SyntaxError || String(codeOf(error)).startsWith("22")) return undefined;
  return error.message;
}

function codeOf(error: Error): string | number | undefined {
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" || Number.isFinite(code) ? (code as string | number) : undefined;
}

function framesOf({ stack = "", message }: Error): string | undefined {
  const start = stack.indexOf(message);
  const frames = (start === -1 ? stack : stack.slice(start + message.length)).split("\n");
  return frames.filter((line) => /^ +at /.test(line)).join("\n") || undefined;
}
