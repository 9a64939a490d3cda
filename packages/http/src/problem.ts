import { DomainError, type DomainErrorCode, FieldError } from "@cloud-design/core/errors";
import type { Log } from "@cloud-design/core/log";
import type { Context, ErrorHandler } from "hono";
import * as z from "zod";
import { retryAfter } from "./retry-after.ts";

export interface ProblemKind {
  status: number;
  title: string;
}

/**
 * Every failure that a client of the API can meet. The key is the end of the `type` URL; its meaning must not change,
 * and it has a page in docs/problems.
 */
export const PROBLEMS = {
  "invalid-request": { status: 400, title: "Invalid request" },
  "malformed-json": { status: 400, title: "Malformed JSON" },
  unauthenticated: { status: 401, title: "Not authenticated" },
  "insufficient-scope": { status: 403, title: "Insufficient scope" },
  "direct-access": { status: 403, title: "Direct access refused" },
  /** The firewall on AWS answers with both: `stacks/constructs/firewall-rules.ts`. */
  "request-blocked": { status: 403, title: "Blocked by the firewall" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  "payload-too-large": { status: 413, title: "Body too large" },
  "unsupported-media-type": { status: 415, title: "Unsupported media type" },
  "key-reused": { status: 422, title: "Idempotency key already used" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "headers-too-large": { status: 431, title: "Headers too large" },
  internal: { status: 500, title: "Internal error" },
  unavailable: { status: 503, title: "Unavailable" },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** RFC 9457. */
export const Problem = z.object({
  type: z.string().meta({ description: "The address of a page that says what to do.", format: "uri" }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: "What is wrong with this request." }),
  errors: z.array(FieldError).min(1).optional(),
});
type Problem = z.output<typeof Problem>;

interface ProblemOptions {
  errors?: readonly FieldError[];
  headers?: Record<string, string>;
}

/** An HTTP failure: thrown anywhere in a request, and answered by `onProblem`. */
export class HttpProblem extends Error {
  override name = "HttpProblem";
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.code = code;
    this.options = options;
  }
}

/** A problem as a response (RFC 9457). The page of each problem is at `siteUrl` under `/problems/`. */
export function problem(
  siteUrl: string,
  code: ProblemCode,
  detail: string,
  options: ProblemOptions = {},
): Response {
  const { status, title } = PROBLEMS[code];
  const body: Problem = {
    type: `${siteUrl}/problems/${code}`,
    title,
    status,
    detail,
    ...(options.errors?.length ? { errors: [...options.errors] } : {}),
  };
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...options.headers,
  });
  if (status === 503 && !headers.has("retry-after")) headers.set("retry-after", retryAfter(2));
  if (status === 401 && !headers.has("www-authenticate")) headers.set("www-authenticate", "Bearer");
  return new Response(`${JSON.stringify(body)}\n`, { status, headers });
}

const PROBLEM_OF: Record<DomainErrorCode, ProblemCode> = {
  invalid: "invalid-request",
  "not-found": "not-found",
  "key-reused": "key-reused",
  unavailable: "unavailable",
  busy: "unavailable",
};

/**
 * In the answer of a service that sheds load, for the gateway: a repetition would double the load of what is overloaded
 * (as Envoy's `x-envoy-overloaded`, after which it does not retry).
 */
export const OVERLOADED_HEADER = "x-overloaded";

/** The single place where failures become answers. An unexpected error is logged with its stack and answered without details. */
export function onProblem(siteUrl: string, log: Log): ErrorHandler {
  return (error, c) => {
    if (error instanceof HttpProblem) return problem(siteUrl, error.code, error.message, error.options);
    if (error instanceof DomainError) {
      if (error.code === "unavailable") log.warn({ err: error, path: c.req.path }, error.message);
      // Not logged: a line for each of thousands would add to the load. A metric counts them.
      const headers: Record<string, string> = error.code === "busy" ? { [OVERLOADED_HEADER]: "true" } : {};
      return problem(siteUrl, PROBLEM_OF[error.code], error.message, { errors: error.errors, headers });
    }
    log.error({ err: error, method: c.req.method, path: c.req.path }, "unexpected error");
    return problem(siteUrl, "internal", "The request failed for a reason that we have logged.");
  };
}

export function notFound(siteUrl: string): (c: Context) => never {
  return (c) => {
    throw nothingAt(siteUrl, c.req.path, c.req.header("accept"));
  };
}

/** The 404 of unknown paths; a browser at the API's root is given the address of the site. */
export function nothingAt(siteUrl: string, path: string, accept = ""): HttpProblem {
  const isLost = path === "/" && accept.includes("text/html");
  const detail = isLost
    ? `This is the API alone. ${siteUrl} has the site with its documentation, ${siteUrl}/reference the API reference.`
    : "There is nothing at this path.";
  return new HttpProblem("not-found", detail);
}
