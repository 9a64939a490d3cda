import {
  fail,
  inSpan,
  observe,
  propagation,
  type Span,
  SpanKind,
  context as traceContext,
  traceparentOf,
} from "@cloud-design/core/telemetry";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";

/** The methods of the semantic conventions; a method that a caller invents must not become a metric label. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"];

/**
 * Middleware that makes a span and a measurement of each request. The caller's trace continues, or a new one begins.
 * `traceresponse` names it in the answer (W3C Trace Context, draft of level 3). Health checks are left out: they are
 * frequent and their traces are not read.
 */
export function traced({ isNamed = false }: { isNamed?: boolean } = {}): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.path.startsWith("/health/")) return next();
    const { headers } = c.req.raw;
    const carrier = {
      traceparent: headers.get("traceparent") ?? "",
      tracestate: headers.get("tracestate") ?? "",
    };
    const parent = propagation.extract(traceContext.active(), carrier);
    const method = METHODS.includes(c.req.method) ? c.req.method : "_OTHER";
    const startedAt = performance.now();
    await inSpan(method, { kind: SpanKind.SERVER, parent }, async (span) => {
      await next();
      describe(c, span, method, startedAt);
      const traceresponse = traceparentOf(span);
      if (isNamed && traceresponse !== undefined) c.header("traceresponse", traceresponse);
    });
  };
}

function describe(c: Context, span: Span, method: string, startedAt: number): void {
  const { status } = c.res;
  const route = routeOf(c);
  const attributes = {
    "http.request.method": method,
    "http.route": route,
    "http.response.status_code": status,
  };
  span.updateName(`${method} ${route}`);
  span.setAttributes(attributes);
  if (status >= 500) fail(span, c.error ?? new Error(`HTTP ${status}`));
  observe("http.server.request.duration", (performance.now() - startedAt) / 1_000, attributes);
}

/** The route pattern that matched: a path would make a separate label for each id. */
function routeOf(c: Context): string {
  const pattern = routePath(c, -1);
  return pattern === "" || pattern.includes("*") ? "none" : pattern;
}
