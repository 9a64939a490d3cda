import type { ServerResponse } from "node:http";

/** Resolves with the length of the body. */
export async function send(answered: Response, response: ServerResponse): Promise<number> {
  const body = Buffer.from(await answered.arrayBuffer());
  const { "set-cookie": _, ...headers } = Object.fromEntries(answered.headers);
  const cookies = answered.headers.getSetCookie();
  response.writeHead(answered.status, {
    // The answer to HEAD has GET's content length or no length, never its own, and 204 has no length (RFC 9110, section 8.6).
    ...((body.length > 0 || (response.req.method !== "HEAD" && answered.status !== 204)) && {
      "content-length": body.length,
    }),
    ...headers,
    ...(cookies.length > 0 && { "set-cookie": cookies }),
  });
  response.end(body);
  return body.length;
}
