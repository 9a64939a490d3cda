import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "@cloud-design/core/errors";
import { fullJitter } from "@cloud-design/core/retry";
import { context, fail, inSpan, propagation, type Span, SpanKind } from "@cloud-design/core/telemetry";
import { HttpProblem, OVERLOADED_HEADER } from "@cloud-design/http";
import type { Context } from "hono";
import { AnswerTooLargeError, ask } from "../shared/ask.ts";

/** Two calls fit into the Lambda's 10 s. */
const CALL_SECONDS = 3;
/** No new attempt after this time: a silent service gets two attempts and no third. */
const LAST_ATTEMPT_SECONDS = 4;
/** How long a request holds the function while a service is silent. */
export const SILENT_SECONDS = 2 * CALL_SECONDS;
/**
 * For some seconds the load balancer still sends every second request to a task that has died. Under load each attempt
 * meets it by chance, and 7 attempts take three seconds: one read in 128 meets only that task, if it is there for so long.
 */
const ATTEMPTS_MAX = 7;
/**
 * A service that answers 503 has a broken connection or a broken database. One more attempt tells which; further ones
 * would only add load. A service that sheds load is not asked again: that would double its load, and the caller, who
 * gets its Retry-After, waits longer than this function may.
 */
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
/** An answer of Lambda may have 6 MB, in which each quote of a JSON text takes two bytes. */
const ANSWER_BYTES_MAX = 5 * 1024 * 1024;

export interface Service {
  name: string;
  url: string;
}

export interface Call {
  method?: string;
  /** Path and query of the service's own API. */
  path: string;
  body?: Uint8Array<ArrayBuffer>;
  /** Whether the request may be sent twice when it is unclear if the first one was handled. By default only a GET may. */
  isRepeatable?: boolean;
}

/** Errors that prove the request was not sent: no address, or no connection. A pooled socket that breaks proves nothing. */
const UNSENT = ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"];

/**
 * Calls a service with the caller's own token. A request without an answer is soon repeated if it is repeatable or was
 * not sent. Throws `unavailable` when the service does not answer.
 */
export async function call(c: Context, service: Service, request: Call): Promise<Response> {
  const { method = "GET", isRepeatable = method === "GET" } = request;
  const startedAt = performance.now();
  const mayFollow = (attempt: number, attemptsMax: number) =>
    attempt < attemptsMax && performance.now() - startedAt < LAST_ATTEMPT_SECONDS * 1_000;
  let mayBeDone = false;
  for (let attempt = 1; ; attempt++) {
    try {
      const { response, isShed } = await inSpan(
        `${method} ${service.name}`,
        spanOf(service, request, attempt),
        (span) => callOnce(c, service, request, span),
      );
      if (response.status === 404 && method === "DELETE" && mayBeDone) throw goneMeanwhile();
      const isFinal = response.status !== 503 || isShed || !isRepeatable;
      // "Not begun" would be true of this attempt alone.
      if (isShed && mayBeDone) throw new DomainError("unavailable", NO_ANSWER);
      if (isFinal || !mayFollow(attempt, REFUSALS_MAX)) return response;
      mayBeDone = true;
    } catch (cause) {
      // A repeat would give the same answer.
      if (cause instanceof DomainError || cause instanceof HttpProblem) throw cause;
      const isUnsent = UNSENT.includes(codeOf(cause));
      if (!(isRepeatable || isUnsent) || !mayFollow(attempt, ATTEMPTS_MAX))
        throw new DomainError("unavailable", NO_ANSWER, { cause });
      mayBeDone ||= !isUnsent;
    }
    await sleep(fullJitter(attempt));
  }
}

const NO_ANSWER = "The service behind this path does not answer.";

/** A plain 404 would suggest that the movie never existed, although this request may just have deleted it. */
function goneMeanwhile(): HttpProblem {
  return new HttpProblem(
    "not-found",
    "There is nothing with this id now. This request was tried twice, and its first try may have deleted it.",
  );
}

function codeOf(error: unknown): string {
  return String(Object(error).code ?? "");
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
  const {
    status,
    headers,
    body: content,
  } = await ask(new URL(path, url), {
    method,
    headers: { ...pick((name) => c.req.header(name), REQUEST_HEADERS), ...traceContext },
    seconds: CALL_SECONDS,
    bytesMax: ANSWER_BYTES_MAX,
    ...(body && { body }),
  }).catch((error: unknown) => {
    if (!(error instanceof AnswerTooLargeError)) throw error;
    throw new DomainError("unavailable", "The answer is too large to be passed on; ask for less at once.");
  });
  span.setAttribute("http.response.status_code", status);
  // A load balancer answers with HTML when no healthy task is behind it, and the services never redirect.
  if (!isJson(headers["content-type"]) || (status >= 300 && status < 400))
    throw new Error(`HTTP ${status} that is not a service's answer`);
  if (status >= 500) fail(span, new Error(`HTTP ${status}`));
  const response = new Response(content, {
    status,
    headers: pick((name) => headers[name]?.toString(), RESPONSE_HEADERS),
  });
  return { response, isShed: headers[OVERLOADED_HEADER] !== undefined };
}

function isJson(contentType = ""): boolean {
  return /\/(?:[\w.-]+\+)?json\b/.test(contentType);
}

function pick(read: (name: string) => string | undefined, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = read(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
