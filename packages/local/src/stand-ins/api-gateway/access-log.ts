import type { IncomingMessage } from "node:http";
import { reportMetrics } from "../lambda/embedded-metrics.ts";
import { targetOf } from "./read-request.ts";
import { commonLogTime } from "./to-event.ts";

/** Facts about a request that become known while it is answered. */
export interface Exchange {
  requestId: string;
  /** A time of `performance.now()`. */
  startedAt: number;
  /** The route's key, once one matched. */
  route?: string;
  integrationMs?: number;
  authorizerError?: string;
  integrationError?: string;
}

/** The name that `toEvent` gives the API. */
const API = { ApiId: "local" };

/**
 * Writes a line of the access log in the format of stacks/gateway.ts, in which every value is a string and a missing one is a dash,
 * and the API's own metrics. Does nothing where metrics are not collected, because the line would have no reader.
 */
export function noteAccess(
  request: IncomingMessage,
  exchange: Exchange,
  { status, bytes }: { status: number; bytes: number },
): void {
  if (process.env.METRICS_NAMESPACE === undefined) return;
  const Latency = Math.round(performance.now() - exchange.startedAt);
  const { requestId, route, integrationMs, authorizerError, integrationError } = exchange;
  const line = {
    time: commonLogTime(new Date()),
    requestId,
    ip: request.socket.remoteAddress,
    route,
    path: targetOf(request).path,
    status,
    latencyMs: Latency,
    integrationLatencyMs: integrationMs,
    authorizerError,
    integrationError,
    responseBytes: bytes,
  };
  process.stdout.write(
    `${JSON.stringify(line, (key, value) => (key === "" ? value : String(value ?? "-")))}\n`,
  );
  const is = (hundreds: number) => Number(Math.floor(status / 100) === hundreds);
  reportMetrics("AWS/ApiGateway", API, { Count: 1, "4xx": is(4), "5xx": is(5), Latency });
}
