import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "@cloud-design/core/errors";
import { fullJitter } from "@cloud-design/core/retry";
import { context, fail, inSpan, propagation, type Span, SpanKind } from "@cloud-design/core/telemetry";
import { HttpProblem } from "@cloud-design/http";
import type { Context } from "hono";

/** Twice this stays under the Lambda's 10 s. */
const CALL_SECONDS = 3;
/** After this nothing is tried again: a service that was silent is asked twice, and no third time. */
const LAST_ATTEMPT_SECONDS = 4;
/** For some seconds the balancer goes on sending every second request to a task that has died: of 32 reads one gets nothing but that one. */
const ATTEMPTS_MAX = 5;
/** A service that says that it cannot has a broken connection or a broken database. One more try tells; more would be a burden on it. */
const REFUSALS_MAX = 2;
const REQUEST_HEADERS = ["authorization", "content-encoding", "content-type", "idempotency-key"];
const RESPONSE_HEADERS = [
  "allow",
  "cache-control",
  "content-type",
  "link",
  "location",
  "retry-after",
  "www-authenticate",
];
/** Lambda hands on 6 MB, in which each quote of a JSON text counts twice. */
const ANSWER_BYTES_MAX = 5 * 1024 * 1024;

export interface Service {
  name: string;
  url: string;
}

export interface Call {
  method?: string;
  /** Path and query, as the service knows them. */
  path: string;
  body?: Uint8Array<ArrayBuffer>;
  /** Whether the service may be asked twice because nobody knows if it has done it. By default a GET may. */
  isRepeatable?: boolean;
}

/** The request has not left: no address, no connection. A socket of the pool that breaks off says no such thing. */
const UNSENT = [
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
];

/**
 * Calls a service with the caller's own token. What may be repeated, or has not left, is tried again soon when no answer comes. Throws
 * `unavailable` when there is no answer of the service.
 */
export async function call(c: Context, service: Service, request: Call): Promise<Response> {
  const { method = "GET", isRepeatable = method === "GET" } = request;
  const startedAt = performance.now();
  const mayFollow = (attempt: number, attemptsMax: number) =>
    attempt < attemptsMax && performance.now() - startedAt < LAST_ATTEMPT_SECONDS * 1_000;
  let mayBeDone = false;
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await inSpan(`${method} ${service.name}`, spanOf(service, request, attempt), (span) =>
        callOnce(c, service, request, span),
      );
      if (response.status === 404 && method === "DELETE" && mayBeDone) throw goneMeanwhile();
      if (response.status !== 503 || !isRepeatable || !mayFollow(attempt, REFUSALS_MAX)) return response;
      mayBeDone = true;
    } catch (cause) {
      // The answer would be the same again.
      if (cause instanceof DomainError || cause instanceof HttpProblem) throw cause;
      const isUnsent = UNSENT.includes(codeOf(cause));
      if (!(isRepeatable || isUnsent) || !mayFollow(attempt, ATTEMPTS_MAX))
        throw new DomainError("unavailable", "The service behind this path does not answer.", { cause });
      mayBeDone ||= !isUnsent;
    }
    await sleep(fullJitter(attempt));
  }
}

/** A 404 alone would tell a caller whose request has just deleted it that it had never been there. */
function goneMeanwhile(): HttpProblem {
  return new HttpProblem(
    "not-found",
    "There is nothing with this id now. This request was tried twice, and its first try may have deleted it.",
  );
}

/** Of the error behind fetch's own; "" when it has none. */
function codeOf(error: unknown): string {
  return String(Object(Object(error).cause).code ?? "");
}

function spanOf({ name }: Service, { method = "GET" }: Call, attempt: number) {
  const attributes = {
    "peer.service": name,
    "http.request.method": method,
    "http.request.resend_count": attempt - 1,
  };
  return { kind: SpanKind.CLIENT, attributes };
}

async function callOnce(c: Context, { url }: Service, { method = "GET", path, body }: Call, span: Span) {
  const traceContext: Record<string, string> = {};
  propagation.inject(context.active(), traceContext);
  const response = await fetch(new URL(path, url), {
    method,
    headers: new Headers([...pick(c.req.raw.headers, REQUEST_HEADERS), ...Object.entries(traceContext)]),
    redirect: "manual",
    signal: AbortSignal.timeout(CALL_SECONDS * 1_000),
    ...(body ? { body } : {}),
  });
  span.setAttribute("http.response.status_code", response.status);
  // A balancer answers HTML when nothing healthy is behind it, and our services send nobody elsewhere.
  if (!isJson(response) || isRedirect(response)) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status} that is no answer`);
  }
  // Read here, so that a body that never ends counts as no answer.
  const content = await readAnswer(response);
  if (response.status >= 500) fail(span, new Error(`HTTP ${response.status}`));
  return new Response(content, {
    status: response.status,
    headers: pick(response.headers, RESPONSE_HEADERS),
  });
}

async function readAnswer(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_BYTES_MAX) {
      throw new DomainError("unavailable", "The answer is too large to be passed on; ask for less at once.");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400;
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
