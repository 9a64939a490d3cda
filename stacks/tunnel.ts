import { nameOf, TUNNEL } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import type { TunnelLabels } from "@cloud-design/stage/tunnel-ends";
import { Duration } from "aws-cdk-lib";
import {
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
} from "aws-cdk-lib/aws-ecs";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type StackContext, use } from "sst/constructs";
import { Billing } from "./billing.ts";
import { Broker } from "./broker.ts";
import { Cluster } from "./cluster.ts";
import { logGroup } from "./constructs/log-group.ts";
import { USER } from "./constructs/service.ts";
import { Databases } from "./databases.ts";
import { Inventory } from "./inventory.ts";
import { Network } from "./network.ts";

/**
 * A developer's tunnel into the network: a task that only waits, started by `npm run tunnel`, with ECS Exec's agent beside it, which forwards
 * ports. It costs nothing until a developer opens it, then about a cent an hour. It is separate from the services because the agent needs a
 * writable root file system, and theirs is read-only.
 */
export function Tunnel({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const task = new FargateTaskDefinition(stack, "Task", {
    family: nameOf(stack, TUNNEL), // the command finds the task by it
    // Fargate's smallest.
    cpu: 256,
    memoryLimitMiB: 512,
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.ARM64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  task.addContainer(TUNNEL, {
    image: ContainerImage.fromDockerImageAsset(use(Inventory).image), // any image that has Node
    command: [
      "node",
      "--eval",
      `setTimeout(() => {}, ${Duration.hours(settings.tunnelHours).toMilliseconds()})`,
    ],
    user: USER,
    // As the first process, Node would ignore SIGTERM. No capability is dropped: AWS does not say which of them the agent can do without.
    linuxParameters: new LinuxParameters(stack, "Linux", { initProcessEnabled: true }),
    dockerLabels: labelsOf(),
    logging: LogDriver.awsLogs({ streamPrefix: TUNNEL, logGroup: logGroup(stack, "Logs", settings) }),
  });
  task.addToTaskRolePolicy(
    new PolicyStatement({
      actions: [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      resources: ["*"], // a channel has no name
    }),
  );
}

function labelsOf(): TunnelLabels {
  const { vpc, tunnelGroup } = use(Network);
  if (!tunnelGroup)
    throw new Error("This stage has no tunnel (tunnelHours in packages/stage/src/settings.ts).");
  const { inventory: movies, billing: orders } = use(Databases);
  return {
    cluster: use(Cluster).cluster.clusterName,
    subnets: vpc.privateSubnets.map(({ subnetId }) => subnetId).join(),
    group: tunnelGroup.securityGroupId,
    inventory: use(Inventory).url,
    billing: use(Billing).url,
    movies: movies.url,
    orders: orders.url,
    broker: use(Broker).url,
    moviesSecret: movies.credentials.secretArn,
    ordersSecret: orders.credentials.secretArn,
  };
}
