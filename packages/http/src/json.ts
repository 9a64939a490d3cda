import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An answer in JSON. It ends with a newline, so that a terminal's prompt starts on its own line. */
export function json(
  c: Context,
  value: unknown,
  status: ContentfulStatusCode = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(`${JSON.stringify(value)}\n`, status, { "content-type": "application/json", ...headers });
}
