import { DomainError, type DomainErrorCode, FieldError } from "@cloud-design/core/errors";
import type { Log } from "@cloud-design/core/log";
import type { ErrorHandler } from "hono";
import * as z from "zod";

export interface ProblemKind {
  status: number;
  title: string;
  /** For the problem's page: what the caller does now. */
  whatToDo: string;
}

/** Every failure that a client of the API can meet. The key ends the `type` URL and never changes its meaning. */
export const PROBLEMS = {
  "invalid-request": {
    status: 400,
    title: "The request is not valid",
    whatToDo:
      "Correct the fields that `errors` names, each by a JSON Pointer, a query parameter or a header, and send the request again.",
  },
  "malformed-json": {
    status: 400,
    title: "The body is not JSON",
    whatToDo: "Send one JSON object in UTF-8, not empty.",
  },
  unauthenticated: {
    status: 401,
    title: "A valid access token is needed",
    whatToDo:
      "Get a new access token from /oauth2/token and send it once, as `Authorization: Bearer <token>`. An ID token does not do.",
  },
  "insufficient-scope": {
    status: 403,
    title: "The token does not allow this",
    whatToDo:
      "Ask for a token with the scope that `detail` names. If your user may not have it, ask an administrator.",
  },
  "direct-access": {
    status: 403,
    title: "Requests come in through the site",
    whatToDo:
      "Send the request to the address that `detail` names. The one you used answers to that one alone.",
  },
  "not-found": {
    status: 404,
    title: "There is no such thing here",
    whatToDo: "Check the path and the id. Somebody else's order looks the same as one that does not exist.",
  },
  "method-not-allowed": {
    status: 405,
    title: "This resource does not know that method",
    whatToDo: "Use one of the methods in the `Allow` header.",
  },
  "payload-too-large": {
    status: 413,
    title: "The body is too large",
    whatToDo: "Send at most 64 KB for an order and 256 KB for a movie.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body must be JSON",
    whatToDo:
      "Send `Content-Type: application/json`, with no other charset than UTF-8 and no content encoding.",
  },
  "key-reused": {
    status: 422,
    title: "The idempotency key belongs to another request",
    whatToDo: "Use a new Idempotency-Key for a new request; repeat a key only with the same body.",
  },
  "headers-too-large": {
    status: 431,
    title: "The headers are too large",
    whatToDo: "Keep the request line and all headers together under 10 KB.",
  },
  internal: {
    status: 500,
    title: "Something is broken on our side",
    whatToDo:
      "Repeat the request later with the same Idempotency-Key, and tell us the time and path if it goes on.",
  },
  unavailable: {
    status: 503,
    title: "Not available right now",
    whatToDo:
      "Wait as long as `Retry-After` says, then repeat the request, with the same Idempotency-Key where there was one.",
  },
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

/** A failure of this transport, thrown from anywhere in a request and answered by `onProblem`. */
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

/** RFC 9457. `siteUrl` is where the page of each problem stands, under `/problems/`. */
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
  if (status === 503 && !headers.has("retry-after")) headers.set("retry-after", "2");
  if (status === 401 && !headers.has("www-authenticate")) headers.set("www-authenticate", "Bearer");
  return new Response(JSON.stringify(body), { status, headers });
}

const PROBLEM_OF: Record<DomainErrorCode, ProblemCode> = {
  invalid: "invalid-request",
  "not-found": "not-found",
  "key-reused": "key-reused",
  unavailable: "unavailable",
};

/** The one place where failures become answers. What nobody expected is logged whole and answered without a word about it. */
export function onProblem(siteUrl: string, log: Log): ErrorHandler {
  return (error, c) => {
    if (error instanceof HttpProblem) return problem(siteUrl, error.code, error.message, error.options);
    if (error instanceof DomainError) {
      if (error.code === "unavailable") log.warn({ err: error, path: c.req.path }, error.message);
      return problem(siteUrl, PROBLEM_OF[error.code], error.message, { errors: error.errors });
    }
    log.error({ err: error, method: c.req.method, path: c.req.path }, "unexpected error");
    return problem(siteUrl, "internal", "The request failed for a reason that we have logged.");
  };
}

export function notFound(): never {
  throw new HttpProblem("not-found", "There is nothing at this path.");
}
