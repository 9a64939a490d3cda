import { stageSettings } from "@cloud-design/stage/preset";
import { Duration } from "aws-cdk-lib";
import {
  Capability,
  ContainerImage,
  type FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
} from "aws-cdk-lib/aws-ecs";
import type { Stack } from "sst/constructs";
import { LOSSY, logGroup } from "./log-group.ts";
import { COLLECTOR_URL, traceStatement } from "./telemetry.ts";

/**
 * AWS's distribution of OpenTelemetry, v0.49.0 of July 2026: https://github.com/aws-observability/aws-otel-collector/releases. Pinned by the
 * digest of its index, which covers amd64 and arm64, so that the registry cannot put other content under the name. `docker buildx imagetools
 * inspect` prints the digest of the next version.
 */
const IMAGE =
  "public.ecr.aws/aws-observability/aws-otel-collector@sha256:d2bdfff2c377c3d71d78bd5d9ce9862fd535b12134a5739d87a07801297cf9fd";
/** The user `aoc` of the image. */
const USER = "4317:4317";
/** In MiB. These components use 30 at rest, and AWS's build holds more of them. Beyond this limit the collector is killed, without its task. */
const MEMORY_MIB = 256;
/** In MiB. Above it the collector drops new spans, so that it need not be killed. */
const MEMORY_SOFT_MIB = 192;
/**
 * An eighth of the task's CPU. ECS shares the CPU out by these figures, and a container without a figure comes last, so the service gets the
 * rest.
 */
export const COLLECTOR_CPU_UNITS = 32;

/**
 * Takes a task's traces and sends them to X-Ray, so that the service never waits for X-Ray. It is not essential: without it a task serves as
 * before, and only its traces are missing. The service does not wait for its start either, and spans of a task's last seconds may be lost.
 */
export function addCollector(stack: Stack, task: FargateTaskDefinition): void {
  const linuxParameters = new LinuxParameters(stack, "CollectorLinux");
  linuxParameters.dropCapabilities(Capability.ALL);
  task.addContainer("collector", {
    image: ContainerImage.fromRegistry(IMAGE),
    essential: false,
    environment: {
      AOT_CONFIG_CONTENT: JSON.stringify(configuration(stack.region)),
      GOMEMLIMIT: `${MEMORY_SOFT_MIB}MiB`,
    },
    cpu: COLLECTOR_CPU_UNITS,
    memoryLimitMiB: MEMORY_MIB,
    user: USER,
    readonlyRootFilesystem: true,
    linuxParameters,
    stopTimeout: Duration.seconds(60), // as for every container; on SIGTERM it sends its last spans and ends within a second
    // The image's only other program queries the `health_check` extension.
    healthCheck: {
      command: ["CMD", "/healthcheck"],
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
    },
    logging: LogDriver.awsLogs({
      streamPrefix: "collector",
      logGroup: logGroup(stack, "CollectorLogs", stageSettings(stack.stage)),
      ...LOSSY,
    }),
  });
  task.addToTaskRolePolicy(traceStatement());
}

/** The configuration as JSON, which is valid YAML. Sources: the READMEs of each component, in the versions that the image holds. */
function configuration(region: string) {
  return {
    extensions: { health_check: { endpoint: "127.0.0.1:13133" } },
    receivers: { otlp: { protocols: { http: { endpoint: new URL(COLLECTOR_URL).host } } } },
    processors: {
      memory_limiter: {
        check_interval: "1s",
        limit_mib: MEMORY_SOFT_MIB,
        spike_limit_mib: MEMORY_SOFT_MIB / 4,
      },
      // One second at most, so that an operator who follows an order sees it soon; X-Ray takes 50 segments in a call.
      batch: { timeout: "1s", send_batch_size: 50 },
    },
    exporters: {
      awsxray: {
        region,
        // Fargate has no EC2 metadata service to ask.
        local_mode: true,
        // The attributes by which X-Ray finds traces.
        indexed_attributes: ["order.id", "order.outcome"],
      },
    },
    service: {
      extensions: ["health_check"],
      pipelines: {
        traces: { receivers: ["otlp"], processors: ["memory_limiter", "batch"], exporters: ["awsxray"] },
      },
      telemetry: { logs: { level: "warn", encoding: "json" }, metrics: { level: "none" } },
    },
  };
}
