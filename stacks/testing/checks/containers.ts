import { DRAIN_SECONDS } from "@cloud-design/containers/limits";
import { TUNNEL } from "@cloud-design/stage/names";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";

const TaskDefinition = z.object({
  RuntimePlatform: z.object({ CpuArchitecture: z.string() }).optional(),
  ContainerDefinitions: z.array(
    z.object({
      Name: z.string(),
      Essential: z.boolean().default(true),
      ReadonlyRootFilesystem: z.boolean().optional(),
      User: z.string().default("root"),
      Privileged: z.boolean().optional(),
      LinuxParameters: z
        .object({
          Capabilities: z.object({
            Drop: z.array(z.string()).default([]),
            Add: z.array(z.string()).default([]),
          }),
        })
        .optional(),
      StopTimeout: z.number().optional(),
      HealthCheck: z.object({ Command: z.array(z.string()) }).optional(),
    }),
  ),
});
type Container = z.output<typeof TaskDefinition>["ContainerDefinitions"][number];

const Service = z.object({
  EnableExecuteCommand: z.boolean().optional(),
  PropagateTags: z.string().optional(),
  NetworkConfiguration: z.object({
    AwsvpcConfiguration: z.object({ AssignPublicIp: z.string().optional() }),
  }),
  DeploymentConfiguration: z.object({
    MinimumHealthyPercent: z.number(),
    DeploymentCircuitBreaker: z.object({ Enable: z.boolean(), Rollback: z.boolean() }).optional(),
    Alarms: z
      .object({ Enable: z.boolean(), Rollback: z.boolean(), AlarmNames: z.array(z.string()) })
      .optional(),
  }),
});

/**
 * Exceptions for a tunnel's container. ECS Exec's agent writes into the file system as root, and AWS names no capability that it can do without.
 * The container serves no requests, so it need not drain.
 */
const NOT_OF_A_TUNNEL = [
  "a read-only root",
  "no capabilities",
  "60 s to stop, more than its drain takes",
  "a health check",
];

/** A container can change only its own memory, and has the time to drain. */
export function containers(app: App): string[] {
  return resourcesOf(app, "AWS::ECS::TaskDefinition", TaskDefinition).flatMap(({ name, properties }) => [
    ...(properties.RuntimePlatform?.CpuArchitecture === "ARM64" ? [] : [`${name} is not for arm64`]),
    ...(properties.ContainerDefinitions.filter(({ Essential }) => Essential).length === 1
      ? []
      : [`${name} ends with more than its service`]),
    ...properties.ContainerDefinitions.flatMap(problemsOf),
  ]);
}

function problemsOf(container: Container): string[] {
  const capabilities = container.LinuxParameters?.Capabilities;
  const requirements: [string, boolean][] = [
    ["a read-only root", container.ReadonlyRootFilesystem === true],
    ["a numeric user who is not root", /^[1-9]\d*(:[1-9]\d*)?$/.test(container.User)],
    ["no privileges", container.Privileged !== true],
    ["no capabilities", capabilities?.Drop.join() === "ALL" && capabilities.Add.length === 0],
    [
      "60 s to stop, more than its drain takes",
      container.StopTimeout === stopSecondsOf(container) && DRAIN_SECONDS < 60,
    ],
    ["a health check", container.HealthCheck !== undefined],
  ];
  return requirements
    .filter(([claim, isMet]) => !isMet && !(container.Name === TUNNEL && NOT_OF_A_TUNNEL.includes(claim)))
    .map(([claim]) => `${container.Name} has not: ${claim}`);
}

function stopSecondsOf({ Name }: Container): number {
  // RabbitMQ gets all that Fargate gives.
  return Name === "rabbitmq" ? 120 : 60;
}

/** The service of a broker in a container: two tasks must not share its data, and it has no alarm of its own. */
const BROKER = "Broker/Service/Service";
const NOT_OF_A_BROKER = ["rolls back on alarms", "never runs fewer tasks than before"];

/** A bad deployment is rolled back, and ECS Exec into a running task is off. */
export function deployments(app: App): string[] {
  return resourcesOf(app, "AWS::ECS::Service", Service).flatMap(({ name, properties }) => {
    const { DeploymentCircuitBreaker, Alarms, MinimumHealthyPercent } = properties.DeploymentConfiguration;
    const requirements: [string, boolean][] = [
      [
        "rolls back by its circuit breaker",
        Boolean(DeploymentCircuitBreaker?.Enable && DeploymentCircuitBreaker.Rollback),
      ],
      ["rolls back on alarms", Boolean(Alarms?.Enable && Alarms.Rollback && Alarms.AlarmNames.length > 0)],
      ["never runs fewer tasks than before", MinimumHealthyPercent === 100],
      ["has no ECS Exec", properties.EnableExecuteCommand !== true],
      ["gives its tasks the stage's tag, by which they are billed", properties.PropagateTags === "SERVICE"],
      [
        "has no public address",
        properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp === "DISABLED",
      ],
    ];
    return requirements
      .filter(([claim, isMet]) => !isMet && !(name === BROKER && NOT_OF_A_BROKER.includes(claim)))
      .map(([claim]) => `It is not so that ${name} ${claim}`);
  });
}
