import { BatchSpanProcessor, SimpleSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import type { TelemetryEnvironment } from "./env.ts";
import { XrayDaemonExporter } from "./xray-daemon-exporter.ts";

/** Most spans that wait for a slow or absent collector, some 20 MB; further spans are dropped. */
const WAITING_MAX = 20_000;
const EXPORT_MS = 2_000;
/** The longest delay before a finished span is exported, for operators who follow an order live. */
const DELAY_MS = 500;

/** Exports to a collector in batches, or to Lambda's daemon span by span; undefined without either. */
export async function openSpanProcessor({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  AWS_XRAY_DAEMON_ADDRESS: daemon,
}: TelemetryEnvironment): Promise<SpanProcessor | undefined> {
  if (collector !== undefined) {
    // Imported here, because a function on AWS has no collector and would load this in vain at each cold start.
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
    const url = new URL("/v1/traces", collector).href;
    return new BatchSpanProcessor({
      exporter: new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS }),
      scheduledDelayMillis: DELAY_MS,
      exportTimeoutMillis: EXPORT_MS,
      maxQueueSize: WAITING_MAX,
    });
  }
  // At once: between two invocations a function is frozen, and timers do not run.
  if (daemon !== undefined) return new SimpleSpanProcessor({ exporter: new XrayDaemonExporter(daemon) });
  return undefined;
}
