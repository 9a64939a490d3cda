import * as z from "zod";
import { STACK_MAX, TEXT_MAX, toText } from "./logged-text.ts";

/** Deeper than wrapping ever goes in this project; a chain of causes may be a cycle. */
const CAUSES_MAX = 5;
/** Most characters of an error's name or code. */
const WORD_MAX = 200;

/** The form of an error in a log. */
export const LoggedErrorLine = z.strictObject({
  type: z.string().max(WORD_MAX),
  message: z.string().max(TEXT_MAX).optional(),
  /** A code of Node or PostgreSQL. */
  code: z.union([z.string().max(WORD_MAX), z.number()]).optional(),
  /** Only the frames, because a stack begins with the message. */
  stack: z.string().max(STACK_MAX).optional(),
  get cause() {
    return LoggedErrorLine.optional();
  },
});
export type LoggedError = z.output<typeof LoggedErrorLine>;

/**
 * The parts of an error that a log may contain. Libraries attach whole requests, queries with their values and
 * connections to their errors, so only these fields are written, and never a message that quotes a value. Never throws,
 * whatever the error does when it is read.
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
  // Drizzle's message ends with the values of the query.
  if ("query" in error && "params" in error) return `Failed query: ${error.query}`;
  // The JSON parser's message quotes its input; PostgreSQL's message for class 22 (data exception) quotes the refused value.
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
