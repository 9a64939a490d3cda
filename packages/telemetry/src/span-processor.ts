import { BatchSpanProcessor, SimpleSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import type { TelemetryEnvironment } from "./env.ts";
import { XrayDaemonExporter } from "./xray-daemon-exporter.ts";

/** What waits for a collector that is slow or away: some 20 MB. What is more is dropped. */
const WAITING_MAX = 20_000;
const EXPORT_MS = 2_000;
/** How long somebody who follows an order waits for its last hop at most. */
const DELAY_MS = 500;

/** A collector in batches, Lambda's daemon span by span, or nothing. */
export async function openSpanProcessor({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  AWS_XRAY_DAEMON_ADDRESS: daemon,
}: TelemetryEnvironment): Promise<SpanProcessor | undefined> {
  if (collector !== undefined) {
    // Here and not above: a function on AWS has no collector, and would load this for nothing at each cold start.
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
    const url = new URL("/v1/traces", collector).href;
    return new BatchSpanProcessor({
      exporter: new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS }),
      scheduledDelayMillis: DELAY_MS,
      exportTimeoutMillis: EXPORT_MS,
      maxQueueSize: WAITING_MAX,
    });
  }
  // At once: between two invocations a function stands still, and no timer runs.
  if (daemon !== undefined) return new SimpleSpanProcessor({ exporter: new XrayDaemonExporter(daemon) });
  return undefined;
}
