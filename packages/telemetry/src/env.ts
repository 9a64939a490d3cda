import * as z from "zod";

/** The destinations of traces and metrics, all optional. The names are those of OpenTelemetry and Lambda where they exist. */
export const TelemetryEnvironment = z.object({
  /** A collector that accepts OTLP over HTTP. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Lambda's own daemon, `host:port`; a collector takes precedence. */
  AWS_XRAY_DAEMON_ADDRESS: z
    .string()
    .regex(/^[\w.-]+:\d+$/, "must be host:port")
    .optional(),
  /** The share of traces that is kept, by trace id. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number<string>().min(0).max(1).default(1),
  /** The namespace in CloudWatch; metrics are then written to the log in its embedded metric format. */
  METRICS_NAMESPACE: z.string().min(1).optional(),
  /** How often a container writes them; a function writes them after each invocation. */
  METRICS_SECONDS: z.coerce.number<string>().int().min(1).default(60),
  /** The port on which Prometheus can scrape `/metrics`. */
  METRICS_PORT: z.coerce.number<string>().int().min(1).max(65_535).optional(),
  METRICS_HOST: z.string().default("127.0.0.1"),
});
export type TelemetryEnvironment = z.output<typeof TelemetryEnvironment>;
