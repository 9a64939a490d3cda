import * as z from "zod";

const Result = z.object({
  statusCode: z.coerce.number().int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** Statuses that HTTP gives no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5). */
const BODILESS = [204, 205, 304];

/**
 * The response that API Gateway makes of a function's result: the fields of payload 2.0 or, without a `statusCode`,
 * the result itself as JSON. Throws for a result in neither form.
 */
export function fromResult(result: unknown): Response {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    const body = typeof result === "string" ? result : JSON.stringify(result ?? null);
    return new Response(body, { headers: { "content-type": "application/json" } });
  }
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded } = Result.parse(result);
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  const response = new Response(BODILESS.includes(statusCode) ? null : bytes, { status: statusCode });
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, String(value));
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}
