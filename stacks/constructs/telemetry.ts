import { metricsNamespace } from "@cloud-design/stage/names";
import { settingsOf } from "@cloud-design/stage/settings";
import type { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Stack } from "sst/constructs";
import type * as z from "zod";

type Given = z.input<typeof TelemetryEnvironment>;

/** Inside a task's own network: its collector, which nobody else reaches. */
export const COLLECTOR_URL = "http://127.0.0.1:4318";
/** Outside a task's security group nobody comes here; who runs Prometheus in the VPC lets it in by one rule. */
const PROMETHEUS_PORT = 9_464;

/** How much a process says and to whom: traces to X-Ray by Lambda's own daemon, metrics through its log. */
export function functionTelemetry(stack: Stack) {
  return {
    OTEL_TRACES_SAMPLER_ARG: String(settingsOf(stack.stage).traceShare),
    METRICS_NAMESPACE: metricsNamespace(stack),
  } satisfies Given;
}

/** The same, with the collector beside it, and metrics for Prometheus too. */
export function containerTelemetry(stack: Stack) {
  return {
    ...functionTelemetry(stack),
    OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR_URL,
    METRICS_PORT: String(PROMETHEUS_PORT),
    METRICS_HOST: "0.0.0.0",
  };
}

/** To send traces. X-Ray has no resource that a trace would belong to. */
export function traceStatement(): PolicyStatement {
  return new PolicyStatement({
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    resources: ["*"],
  });
}
