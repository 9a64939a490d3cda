import { once } from "node:events";
import { strangerOf } from "@cloud-design/core/visitor";
import type { Resource } from "@opentelemetry/resources";
import {
  createAllowListAttributesProcessor,
  type IMetricReader,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { EmbeddedMetrics } from "./embedded-metrics.ts";
import type { TelemetryEnvironment } from "./env.ts";

/**
 * Most series of one metric. Routes, methods and statuses make some sixty; any labels that callers invent beyond the
 * limit share one series.
 */
const SERIES_MAX = 200;
/** The only labels that metrics may have. */
const LABELS = ["http.request.method", "http.route", "http.response.status_code", "outcome", "queue", "lane"];

/** Measures nothing when no reader is configured. */
export async function openMeters(
  service: string,
  resource: Resource,
  environment: TelemetryEnvironment,
): Promise<MeterProvider | undefined> {
  const { METRICS_NAMESPACE: namespace, METRICS_PORT: port, METRICS_HOST: host } = environment;
  const readers: IMetricReader[] = [];
  if (namespace !== undefined) {
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new EmbeddedMetrics({ namespace, service }),
        exportIntervalMillis: environment.METRICS_SECONDS * 1_000,
      }),
    );
  }
  if (port !== undefined) readers.push(await openPrometheus(host, port));
  if (readers.length === 0) return undefined;
  return new MeterProvider({
    resource,
    readers,
    views: [
      {
        instrumentName: "*",
        attributesProcessors: [createAllowListAttributesProcessor(LABELS)],
        aggregationCardinalityLimit: SERIES_MAX,
      },
    ],
  });
}

async function openPrometheus(host: string, port: number): Promise<IMetricReader> {
  // Imported here, because a function on AWS has no Prometheus that would scrape it.
  const [{ PrometheusExporter }, { createServer }] = await Promise.all([
    import("@opentelemetry/exporter-prometheus"),
    import("node:http"),
  ]);
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const server = createServer((request, response) => {
    const stranger = strangerOf(request.headers, "programs");
    if (stranger !== undefined) return response.writeHead(403).end(`${stranger}\n`);
    if (request.url !== "/metrics") return response.writeHead(404).end();
    exporter.getMetricsRequestHandler(request, response);
  });
  await once(server.listen(port, host).unref(), "listening");
  return exporter;
}
