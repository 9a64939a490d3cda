import type { LambdaEvent } from "hono/aws-lambda";

/**
 * The event in a form from which the adapter can build a request. API Gateway passes the path decoded, and a URL parser
 * drops a tab or follows `..`: without this function, deleting the movie `%09` would delete all movies. API Gateway
 * also passes on the body of a GET, which a `Request` must not have.
 */
export function asRequest<Event extends LambdaEvent>(event: Event): Event {
  if (!("rawPath" in event)) return event;
  const { http } = event.requestContext;
  // `Request` refuses these methods; an unknown one gets the same answer.
  const method = /^(TRACE|TRACK|CONNECT)$/.test(http.method) ? "UNKNOWN" : http.method;
  // API Gateway drops the id `?`, which leaves the path of all movies.
  const path =
    event.routeKey.endsWith("}") && event.rawPath.endsWith("/") ? `${event.rawPath}?` : event.rawPath;
  const rawPath = path.split("/").map(encodeSegment).join("/");
  // The caller chooses the host; the application does not use it.
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
 * The adapter drops an empty key, although its caller relies on it, and changes a non-ASCII key into another. Put in
 * quotes, such a key reaches the schema, which refuses it.
 */
function withKey<Headers extends Record<string, string | undefined>>(headers: Headers): Headers {
  const key = headers["idempotency-key"];
  return key === undefined || /^[ -~]+$/.test(key) ? headers : { ...headers, "idempotency-key": '""' };
}

/** Dots are encoded twice: a URL parser reads `%2E%2E` as the parent folder as well. No valid id has a dot. */
function encodeSegment(segment: string): string {
  if (/^\.{1,2}$/.test(segment)) return segment.replaceAll(".", "%252E");
  return encodeURIComponent(segment.toWellFormed());
}
