import type { LambdaEvent } from "hono/aws-lambda";

/**
 * The event in a form of which the adapter can make a request. API Gateway hands the path over decoded, and a URL parser drops a tab or
 * follows `..`: without this, deleting the movie `%09` deletes them all. It also passes on the body of a GET, which a `Request` may not have.
 */
export function asRequest<Event extends LambdaEvent>(event: Event): Event {
  if (!("rawPath" in event)) return event;
  const { http } = event.requestContext;
  // A request may have none of these; a method that no route knows is answered alike.
  const method = /^(TRACE|TRACK|CONNECT)$/.test(http.method) ? "UNKNOWN" : http.method;
  // Of the id `?` API Gateway leaves nothing, and with it the path of all movies.
  const path =
    event.routeKey.endsWith("}") && event.rawPath.endsWith("/") ? `${event.rawPath}?` : event.rawPath;
  const rawPath = path.split("/").map(encodeSegment).join("/");
  // The host is the caller's to write, and nothing here depends on it.
  const requestContext = { ...event.requestContext, domainName: "gateway", http: { ...http, method } };
  return {
    ...event,
    headers: withKey(event.headers),
    rawPath,
    requestContext,
    ...((method === "GET" || method === "HEAD") && { body: null }),
  };
}

/**
 * The adapter drops a key without a value, and with it the caller's belief in being protected; one beyond ASCII it encodes into another.
 * Both are refused when they are quoted as nothing.
 */
function withKey<Headers extends Record<string, string | undefined>>(headers: Headers): Headers {
  const key = headers["idempotency-key"];
  return key === undefined || /^[ -~]+$/.test(key) ? headers : { ...headers, "idempotency-key": '""' };
}

/** Dots are encoded twice: `%2E%2E` still means the parent folder to a URL parser, and no id has a dot. */
function encodeSegment(segment: string): string {
  if (/^\.{1,2}$/.test(segment)) return segment.replaceAll(".", "%252E");
  return encodeURIComponent(segment.toWellFormed());
}
