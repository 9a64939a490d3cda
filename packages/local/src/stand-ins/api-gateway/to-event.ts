import type { IncomingMessage } from "node:http";
import type {
  APIGatewayEventRequestContextJWTAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
} from "aws-lambda";
import type { JwtContext } from "./authorizer.ts";
import type { Match } from "./router.ts";

export type GatewayEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { authorizer?: APIGatewayEventRequestContextJWTAuthorizer }
>;

export interface Received {
  request: IncomingMessage;
  /** The path's segments, percent-decoded. */
  segments: readonly string[];
  query: string;
  body: Buffer;
  match: Match;
  jwt: JwtContext | undefined;
  requestId: string;
}

/** The payload 2.0 that API Gateway makes of a request (API Gateway Developer Guide, "Payload format version"). */
export function toEvent(received: Received): GatewayEvent {
  const { request, segments, query, match, requestId } = received;
  const { cookie, ...headers } = headersOf(request);
  // HTTP APIs decode the path before they pass it on, and lose the part behind an encoded question mark.
  const [rawPath = "/"] = `/${segments.join("/")}`.split("?");
  return {
    version: "2.0",
    routeKey: match.route.key,
    rawPath,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/; *|, */) }),
    headers,
    ...(query !== "" && { queryStringParameters: joined(new URLSearchParams(query)) }),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: match.pathParameters }),
    requestContext: {
      ...(received.jwt && { authorizer: authorizerOf(received.jwt) }),
      ...requestContext(request, headers, rawPath),
      requestId,
      routeKey: match.route.key,
    },
    ...bodyOf(received.body, headers["content-type"]),
  };
}

function authorizerOf({ claims, scopes }: JwtContext): APIGatewayEventRequestContextJWTAuthorizer {
  // The type requires two fields of REST APIs that HTTP APIs do not send.
  return { jwt: { claims, scopes } } as APIGatewayEventRequestContextJWTAuthorizer;
}

function requestContext(request: IncomingMessage, headers: Record<string, string>, path: string) {
  const now = new Date();
  const domainName = headers.host ?? "localhost";
  return {
    accountId: "000000000000",
    apiId: "local",
    domainName,
    domainPrefix: domainName.split(".", 1).join(),
    http: {
      method: request.method ?? "",
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.socket.remoteAddress ?? "",
      userAgent: headers["user-agent"] ?? "",
    },
    stage: "$default",
    time: commonLogTime(now),
    timeEpoch: now.getTime(),
  };
}

/** Names in lower case, values of the same name joined by commas; Node would drop some duplicates. */
function headersOf({ rawHeaders }: IncomingMessage): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    pairs.push([(rawHeaders[index] ?? "").toLowerCase(), rawHeaders[index + 1] ?? ""]);
  }
  return joined(pairs);
}

function joined(pairs: Iterable<[string, string]>): Record<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of pairs) all.set(name, all.has(name) ? `${all.get(name)},${value}` : value);
  return Object.fromEntries(all);
}

/** Text stays text. A body of another type, without a type, or that is not UTF-8 becomes base64. */
function bodyOf(body: Buffer, contentType: string | undefined): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = /^(text\/|application\/(json|xml|javascript) *(;|$))/i.test(contentType ?? "");
  const text = isText ? decodeUtf8(body) : undefined;
  if (text !== undefined) return { body: text, isBase64Encoded: false };
  return { body: body.toString("base64"), isBase64Encoded: true };
}

function decodeUtf8(body: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** As in `12/Mar/2026:19:03:58 +0000`. */
export function commonLogTime(date: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
