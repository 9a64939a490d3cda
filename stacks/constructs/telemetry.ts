import { metricsNamespace } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import type { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Stack } from "sst/constructs";
import type * as z from "zod";

type Given = z.input<typeof TelemetryEnvironment>;

/** The collector's address within a task's own network; no other task reaches it. */
export const COLLECTOR_URL = "http://127.0.0.1:4318";
/** The port of metrics. A task's security group admits no caller to it; an operator who runs Prometheus in the VPC adds one rule. */
const PROMETHEUS_PORT = 9_464;

/** The telemetry settings of a function: traces go to X-Ray through Lambda's daemon, metrics go into its log, where the stage has any. */
export function functionTelemetry(stack: Stack) {
  const { traceShare, hasOwnMetrics } = stageSettings(stack.stage);
  return {
    OTEL_TRACES_SAMPLER_ARG: String(traceShare),
    ...(hasOwnMetrics && { METRICS_NAMESPACE: metricsNamespace(stack) }),
  } satisfies Given;
}

/** The telemetry settings of a task: traces go to the collector beside it, and metrics are offered to Prometheus too. */
export function containerTelemetry(stack: Stack) {
  return {
    ...functionTelemetry(stack),
    OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR_URL,
    METRICS_PORT: String(PROMETHEUS_PORT),
    METRICS_HOST: "0.0.0.0",
  };
}

/** The right to send traces. X-Ray's write actions support no resource. */
export function traceStatement(): PolicyStatement {
  return new PolicyStatement({
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    resources: ["*"],
  });
}
