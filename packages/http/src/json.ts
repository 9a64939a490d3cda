import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An answer in JSON. It ends with a newline, so that the prompt of a terminal has its own line. */
export function json(
  c: Context,
  value: unknown,
  status: ContentfulStatusCode = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(`${JSON.stringify(value)}\n`, status, { "content-type": "application/json", ...headers });
}
