import * as z from "zod";

/** Where traces and metrics go; all of it optional. The names are OpenTelemetry's and Lambda's where they have one. */
export const TelemetryEnvironment = z.object({
  /** A collector that takes OTLP over HTTP. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Lambda's own daemon, `host:port`; a collector goes before it. */
  AWS_XRAY_DAEMON_ADDRESS: z
    .string()
    .regex(/^[\w.-]+:\d+$/, "must be host:port")
    .optional(),
  /** The share of traces that is kept, by trace id. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number<string>().min(0).max(1).default(1),
  /** CloudWatch's; metrics are then written to the log in its embedded metric format. */
  METRICS_NAMESPACE: z.string().min(1).optional(),
  /** How often a container writes them; a function does after each invocation. */
  METRICS_SECONDS: z.coerce.number<string>().int().min(1).default(60),
  /** Where Prometheus may read, at `/metrics`. */
  METRICS_PORT: z.coerce.number<string>().int().min(1).max(65_535).optional(),
  METRICS_HOST: z.string().default("127.0.0.1"),
});
export type TelemetryEnvironment = z.output<typeof TelemetryEnvironment>;
