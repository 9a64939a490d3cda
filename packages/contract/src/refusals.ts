import { type Access, PUBLIC } from "@cloud-design/functions/gateway/routes";
import { PROBLEMS, Problem, type ProblemCode } from "@cloud-design/http";
import * as z from "zod";
import type { ZodOpenApiMediaTypeObject, ZodOpenApiResponseObject } from "zod-openapi";

/** API Gateway's own answer, on AWS, before the function or instead of it. */
export const AwsMessage = z.object({ message: z.string() });

/** The problems that any request may get. */
const ANYWHERE = ["direct-access", "headers-too-large", "internal"] as const;
const TOKEN = ["unauthenticated", "insufficient-scope"] as const;
/** The statuses that API Gateway also answers by itself, on AWS. */
const AWS_MESSAGES: Partial<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  413: "Request Entity Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The firewall's answers, on AWS, before API Gateway: problems under the only type that it has for JSON. */
const FIREWALL: Partial<Record<number, ProblemCode>> = { 403: "request-blocked", 429: "too-many-requests" };

/** The firewall's problems have a `message` as well, for clients that know API Gateway's answers. */
const AwsRefusal = AwsMessage.extend(
  Problem.extend({
    type: z
      .string()
      .meta({ description: "The path of a page that says what to do.", format: "uri-reference" }),
  }).partial().shape,
);

/** An example of `detail` for each problem. */
const DETAILS: Record<ProblemCode, string> = {
  "invalid-request": "/title must not be blank",
  "malformed-json": "The body is not valid JSON: see line 1, column 22.",
  unauthenticated: "Send a valid access token as `Authorization: Bearer <token>`.",
  "insufficient-scope": "This needs a token with the scope movies.admin.",
  "direct-access": "Requests come in through https://movies.example.",
  "request-blocked": "Something in the address, the method or the headers looks like an attack.",
  "not-found": "There is no movie with this id.",
  "method-not-allowed": "Use one of GET, HEAD, POST, DELETE.",
  "payload-too-large": "The body may have at most 65536 bytes.",
  "unsupported-media-type":
    "The header Content-Type was text/plain. Send the body as application/json in UTF-8.",
  "key-reused": "This Idempotency-Key was used for another movie. Use a new key for a new movie.",
  "headers-too-large": "The request line and the headers are larger than 10 KB.",
  "too-many-requests": "Wait as long as Retry-After says, and send fewer requests.",
  internal: "The request failed for a reason that we have logged.",
  unavailable: "The service behind this path does not answer.",
};

export const HEADERS = {
  401: {
    "WWW-Authenticate": {
      description:
        'RFC 6750; with `error="invalid_token"` when a token was sent, and `error_description` when it has expired.',
      required: true,
      schema: { type: "string", pattern: "^Bearer\\b" },
    },
  },
  403: {
    "WWW-Authenticate": {
      description: "RFC 6750; names the scope that is missing.",
      schema: { type: "string", pattern: "^Bearer\\b" },
    },
  },
  405: {
    Allow: {
      description: "The methods of this path.",
      required: true,
      schema: { type: "string", pattern: "^[A-Z]+(, [A-Z]+)*$" },
    },
  },
  429: {
    "Retry-After": {
      description: "Seconds; absent where API Gateway itself answers.",
      schema: { type: "integer", minimum: 1 },
    },
  },
  503: {
    "Retry-After": {
      description: "Seconds, random within bounds; absent where API Gateway itself answers.",
      schema: { type: "integer", minimum: 1 },
    },
  },
} satisfies Record<number, ZodOpenApiResponseObject["headers"]>;

/** Every refusal, by status. */
export function refusals(
  access: Access,
  codes: readonly ProblemCode[],
): Record<string, ZodOpenApiResponseObject> {
  const all = [...codes, ...(access === PUBLIC ? [] : TOKEN), ...ANYWHERE];
  const byStatus = Object.groupBy(all, (code) => PROBLEMS[code].status);
  const problems = Object.values(byStatus).map((group = []) => {
    const status = PROBLEMS[group[0] ?? "internal"].status;
    return [String(status), refusal(status, group)] as const;
  });
  return { 429: THROTTLED, ...Object.fromEntries(problems) };
}

/** Made once for each set of problems, so that all operations refer to the same component. */
export function refusal(status: number, codes: readonly ProblemCode[]): ZodOpenApiResponseObject {
  const id = codes.map(pascalCase).join("Or");
  const known = made.get(id) ?? { id, ...describe(status, codes) };
  made.set(id, known);
  return known;
}

const made = new Map<string, ZodOpenApiResponseObject>();

function describe(status: number, codes: readonly ProblemCode[]): ZodOpenApiResponseObject {
  const headers: ZodOpenApiResponseObject["headers"] = { ...HEADERS }[status];
  const message = AWS_MESSAGES[status];
  return {
    description: [...codes, ...[FIREWALL[status] ?? []].flat()].map(sentenceOf).join(" "),
    ...(headers && { headers }),
    content: {
      "application/problem+json": problemContent(codes),
      ...(message && awsContent(status, message)),
    },
  };
}

function sentenceOf(code: ProblemCode): string {
  return `${PROBLEMS[code].title} (\`${code}\`).`;
}

function awsContent(status: number, message: string) {
  const examples = { aws: { summary: "API Gateway itself, on AWS", value: { message } } };
  const code = FIREWALL[status];
  if (code === undefined) return { "application/json": { schema: AwsMessage, examples } };
  const firewall = {
    summary: "The firewall, on AWS",
    value: { message, ...problemExample(code), type: `/problems/${code}` },
  };
  return {
    "application/json": {
      schema: AwsRefusal,
      examples: { ...examples, firewall },
    },
  };
}

const THROTTLED: ZodOpenApiResponseObject = {
  id: "TooManyRequests",
  description: `API Gateway limits how many requests a second a route takes. ${sentenceOf("too-many-requests")} Try again, later each time.`,
  headers: HEADERS[429],
  content: {
    // The laptop's stand-in.
    "application/problem+json": problemContent(["too-many-requests"]),
    ...awsContent(429, "Too Many Requests"),
  },
};

/** For a path whose own code never answers 503. */
export const AWS_UNAVAILABLE: ZodOpenApiResponseObject = {
  id: "ServiceUnavailable",
  description: "The function behind this path does not answer.",
  content: awsContent(503, "Service Unavailable"),
};

function problemContent(codes: readonly ProblemCode[]): ZodOpenApiMediaTypeObject {
  // A literal for each problem, so that a new or a removed one shows as a change. The title is for people, and not part of the contract.
  const types = codes.map((code) => z.string().regex(new RegExp(`/problems/${code}$`)));
  const narrowed = z.looseObject({
    type: types.length > 1 ? z.union(types) : (types[0] ?? z.never()),
    status: z.literal(PROBLEMS[codes[0] ?? "internal"].status),
  });
  return {
    schema: z.intersection(Problem, narrowed),
    examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
  };
}

function problemExample(code: ProblemCode): z.output<typeof Problem> {
  const { status, title } = PROBLEMS[code];
  return {
    type: `https://movies.example/problems/${code}`,
    title,
    status,
    detail: DETAILS[code],
    ...(code === "invalid-request" && { errors: [{ field: "/title", detail: "must not be blank" }] }),
  };
}

function pascalCase(code: string): string {
  return code.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
