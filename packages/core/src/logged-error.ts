/** As deep as wrapping goes here; a chain of causes may be a circle. */
const CAUSES_MAX = 5;

export interface LoggedError {
  type: string;
  message?: string | undefined;
  /** Of Node or PostgreSQL. */
  code?: string | number | undefined;
  /** The frames alone: a stack begins with the message. */
  stack?: string | undefined;
  cause?: LoggedError | undefined;
}

/**
 * As much of an error as a log may hold. Libraries hang whole requests, queries with their values and connections on their errors, so
 * only what stands here is written; and no message that quotes a value.
 */
export function loggedError(error: unknown, causesMax = CAUSES_MAX): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.constructor.name,
    message: messageOf(error),
    code: codeOf(error),
    stack: framesOf(error),
    cause: error.cause === undefined || causesMax === 0 ? undefined : loggedError(error.cause, causesMax - 1),
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
  return typeof code === "string" || typeof code === "number" ? code : undefined;
}

function framesOf({ stack = "", message }: Error): string | undefined {
  const start = stack.indexOf(message);
  const frames = (start === -1 ? stack : stack.slice(start + message.length)).split("\n");
  return frames.filter((line) => /^ +at /.test(line)).join("\n") || undefined;
}
