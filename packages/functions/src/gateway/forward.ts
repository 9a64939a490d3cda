import { DomainError } from "@cloud-design/core/errors";
import type { Context } from "hono";

/** Twice this stays under the Lambda's 10 s. A write that takes longer may still happen: that is what idempotency keys are for. */
const CALL_SECONDS = 3;
const REQUEST_HEADERS = [
  "authorization",
  "content-encoding",
  "content-type",
  "idempotency-key",
  "traceparent",
  "tracestate",
];
const RESPONSE_HEADERS = [
  "allow",
  "cache-control",
  "content-type",
  "link",
  "location",
  "retry-after",
  "www-authenticate",
];
/** A balancer without a healthy target, or a service that is draining. */
const PASSING = new Set([502, 503, 504]);

export interface Call {
  method?: string;
  /** Path and query, as the service knows them. */
  path: string;
  body?: Uint8Array<ArrayBuffer>;
}

/** Calls a service with the caller's own token. A GET is tried twice. Throws `unavailable` when there is no answer of the service. */
export async function call(
  c: Context,
  serviceUrl: string,
  { method = "GET", path, body }: Call,
): Promise<Response> {
  const attempt = async () => {
    const response = await fetch(new URL(path, serviceUrl), {
      method,
      headers: pick(c.req.raw.headers, REQUEST_HEADERS),
      redirect: "manual",
      signal: AbortSignal.timeout(CALL_SECONDS * 1_000),
      ...(body ? { body } : {}),
    });
    // Read here, so that a body that never ends counts as no answer.
    const content = await response.arrayBuffer();
    if (PASSING.has(response.status) && !isJson(response)) throw new Error(`HTTP ${response.status}`);
    return new Response(content, {
      status: response.status,
      headers: pick(response.headers, RESPONSE_HEADERS),
    });
  };
  try {
    return await (method === "GET" ? attempt().catch(attempt) : attempt());
  } catch (cause) {
    throw new DomainError("unavailable", "The service behind this path does not answer.", { cause });
  }
}

function isJson(response: Response): boolean {
  return /\/(?:[\w.-]+\+)?json\b/.test(response.headers.get("content-type") ?? "");
}

function pick(headers: Headers, names: readonly string[]): Headers {
  const picked = new Headers();
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) picked.set(name, value);
  }
  return picked;
}
