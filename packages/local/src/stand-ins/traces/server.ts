import type { IncomingMessage, Server } from "node:http";
import { parseJson } from "@cloud-design/core/json";
import type { Log } from "@cloud-design/core/log";
import { HttpProblem, problem } from "@cloud-design/http";
import { createProblemServer } from "@cloud-design/http/server";
import { parseExport } from "@cloud-design/traces/store/otlp";
import type { Snapshot } from "@cloud-design/traces/store/snapshot";
import type { Span } from "@cloud-design/traces/store/span";
import { isDamage, type SpanStore } from "@cloud-design/traces/store/store";
import { orderTimeline, requestTimeline } from "@cloud-design/traces/timeline/from-spans";
import { readBody } from "../api-gateway/read-request.ts";
import { send } from "../api-gateway/respond.ts";

export interface TelemetryDependencies {
  store: SpanStore;
  /** Called for each span that came in. */
  onSpans(spans: readonly Span[]): void;
  /** The current rates. */
  live(): Promise<Snapshot>;
  /** Called once if the stored spans cannot be read any more; no later answer is reliable. */
  onDamage(error: unknown): void;
  siteUrl: string;
  log: Log;
}

/** Receives traces as OpenTelemetry's exporter sends them (OTLP over HTTP, in JSON), and answers questions about them. */
export function createTelemetry(telemetry: TelemetryDependencies): Server {
  const { siteUrl, log } = telemetry;
  return createProblemServer({ siteUrl, visitors: "programs" }, (request, response) => {
    answer(request, telemetry)
      .catch((error: unknown) => {
        if (error instanceof HttpProblem) return problem(siteUrl, error.code, error.message, error.options);
        if (isDamage(error)) telemetry.onDamage(error);
        else log.error({ err: error }, "unexpected error");
        return problem(siteUrl, "internal", "The request failed for a reason that is in the log.");
      })
      .then((answered) => send(answered, response))
      .catch(() => response.destroy());
  });
}

async function answer(request: IncomingMessage, telemetry: TelemetryDependencies): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://telemetry");
  if (pathname === "/v1/traces") {
    if (request.method !== "POST") throw notAllowed("POST");
    return receive(request, telemetry);
  }
  if (request.method !== "GET" && request.method !== "HEAD") throw notAllowed("GET");
  if (pathname === "/health") return Response.json({ spans: telemetry.store.count() });
  if (pathname === "/live") return Response.json(await telemetry.live());
  const [, traceId] = /^\/traces\/([\da-f]{32})$/i.exec(pathname) ?? [];
  if (traceId !== undefined) return Response.json(ofTrace(telemetry.store, traceId.toLowerCase()));
  const orderId = pathname === "/traces" ? searchParams.get("order") : null;
  if (orderId !== null) return Response.json(ofOrder(telemetry.store, orderId));
  throw new HttpProblem("not-found", "There is nothing at this path.");
}

/** A web page of another site cannot send this type without a preflight. */
async function receive(
  request: IncomingMessage,
  { store, onSpans }: TelemetryDependencies,
): Promise<Response> {
  const body = await readBody(request);
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
    throw new HttpProblem("unsupported-media-type", "Traces come as application/json.");
  const spans = parseExport(jsonOf(body));
  if (spans === undefined) throw new HttpProblem("invalid-request", "This is not an export of traces.");
  store.add(spans);
  onSpans(spans);
  return Response.json({});
}

function ofTrace(store: SpanStore, traceId: string) {
  const spans = store.ofTrace(traceId);
  if (spans.length === 0) throw new HttpProblem("not-found", "There is no such trace.");
  const orders = store.ordersOfTrace(traceId);
  const [orderId] = orders;
  if (orderId !== undefined && orders.length === 1) return { ...ofOrder(store, orderId), orders };
  return { orders, timeline: requestTimeline(traceId, spans), spans };
}

function ofOrder(store: SpanStore, orderId: string) {
  const own = store.ofOrder(orderId);
  if (own.length === 0) throw new HttpProblem("not-found", "There is no trace of such an order.");
  // Spans below a span of the order do not name it.
  const traceIds = [...new Set(own.map(({ traceId }) => traceId))];
  const all = [...own, ...traceIds.flatMap((traceId) => store.ofTrace(traceId))];
  const spans = [...new Map(all.map((span) => [span.traceId + span.spanId, span])).values()];
  return { orders: [orderId], timeline: orderTimeline(orderId, spans), spans };
}

function notAllowed(allow: string): HttpProblem {
  return new HttpProblem("method-not-allowed", `This path takes ${allow}.`, { headers: { allow } });
}

function jsonOf(body: Buffer): unknown {
  const json = parseJson(body.toString());
  if (json === undefined) throw new HttpProblem("malformed-json", "The body is not JSON.");
  return json;
}
