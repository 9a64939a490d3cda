import { TARGET_GROUP } from "@cloud-design/containers/target-group";
import { ROOT } from "@cloud-design/site/workspace";
import { stageSettings } from "@cloud-design/stage/preset";
import { CPU_UNITS } from "@cloud-design/stage/task-size";
import { Duration } from "aws-cdk-lib";
import { type Alarm, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { SubnetType } from "aws-cdk-lib/aws-ec2";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import {
  AlarmBehavior,
  Capability,
  ContainerImage,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
  PropagatedTagSource,
} from "aws-cdk-lib/aws-ecs";
import {
  ApplicationListener,
  ApplicationProtocol,
  ApplicationTargetGroup,
  HttpCodeTarget,
  ListenerCertificate,
  Protocol,
  SslPolicy,
  TargetType,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { type Stack, use } from "sst/constructs";
import { Cluster } from "../cluster.ts";
import { CONTAINER_PORT, LISTENER_PORTS, Network } from "../network.ts";
import { createAlarm } from "../watch/alarm.ts";
import { addCollector, COLLECTOR_CPU_UNITS } from "./collector.ts";
import type { Noun } from "./database-server.ts";
import { fixedGroup } from "./fixed-group.ts";
import { LOSSY, logGroup } from "./log-group.ts";
import { containerTelemetry } from "./telemetry.ts";

/** ECS kills a container after this time; a service ends its drain long before (`DRAIN_SECONDS` of containers). */
const STOP_SECONDS = 60;
const MEMORY_MIB = 512;
/** The next size up that Fargate offers: the memory of the service plus its collector's. */
const TASK_MEMORY_MIB = 1_024;
export const USER = "10001:10001";
const MINUTE = Duration.minutes(1);
/** Over the loopback, the only way into a task without TLS. */
const HEALTH_CHECK =
  "fetch('http://127.0.0.1:8080/health/live').then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))";

interface ServiceProps {
  noun: Noun;
  environment: Record<string, string>;
  /** The task reads it itself whenever it connects, so a rotation needs no deployment. */
  secrets: readonly ISecret[];
  isOnSpot: boolean;
}

/** A service behind its own port of the balancer: one image, its tasks, and the alarms that roll a bad deployment back. */
export function createService(stack: Stack, props: ServiceProps) {
  const { cluster, loadBalancer, certificate } = use(Cluster);
  const { groups } = use(Network);
  const targetGroup = createTargetGroup(stack);
  const port = LISTENER_PORTS[props.noun];
  const listener = new ApplicationListener(stack, "Listener", {
    loadBalancer,
    port,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [ListenerCertificate.fromArn(certificate.arn)],
    // TLS 1.3 only: the callers are functions of this stage.
    sslPolicy: SslPolicy.TLS13_13,
    open: false,
    defaultTargetGroups: [targetGroup],
  });
  const alarms = createDeploymentAlarms(stack, props.noun, targetGroup);
  const logs = logGroup(stack, "Logs", stageSettings(stack.stage));
  const image = new DockerImageAsset(stack, "Image", {
    directory: ROOT,
    file: "packages/containers/Dockerfile",
    buildArgs: { SERVICE: props.noun },
    platform: Platform.LINUX_ARM64,
  });
  const service = new FargateService(stack, "Service", {
    cluster,
    taskDefinition: createTaskDefinition(stack, props, image, logs),
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [fixedGroup(stack, "Group", groups[props.noun])],
    assignPublicIp: false,
    capacityProviderStrategies: [
      { capacityProvider: props.isOnSpot ? "FARGATE_SPOT" : "FARGATE", weight: 1 },
    ],
    // No desired count: each deployment would reset the scaling to it. New tasks start before old ones stop.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    deploymentAlarms: {
      alarmNames: alarms.map(({ alarmName }) => alarmName),
      behavior: AlarmBehavior.ROLLBACK_ON_ALARM,
    },
    // Node starts within about a second; the rest is for pulling the image.
    healthCheckGracePeriod: Duration.seconds(60),
    enableExecuteCommand: false,
    // Fargate is billed by the task, and the budget counts by the stage's tag.
    propagateTags: PropagatedTagSource.SERVICE,
  });
  service.attachToApplicationTargetGroup(targetGroup);
  service.node.addDependency(listener); // ECS refuses a target group without a balancer
  return { service, targetGroup, logs, image, url: `https://${loadBalancer.loadBalancerDnsName}:${port}` };
}

function createTaskDefinition(
  stack: Stack,
  { noun, environment, secrets }: ServiceProps,
  image: DockerImageAsset,
  logs: LogGroup,
): FargateTaskDefinition {
  const taskDefinition = new FargateTaskDefinition(stack, "Task", {
    cpu: CPU_UNITS,
    memoryLimitMiB: TASK_MEMORY_MIB,
    // A fifth cheaper than x86 for the same work.
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.ARM64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  const { certificate } = use(Cluster);
  const linuxParameters = new LinuxParameters(stack, "Linux", { initProcessEnabled: true });
  linuxParameters.dropCapabilities(Capability.ALL);
  taskDefinition.addContainer(noun, {
    image: ContainerImage.fromDockerImageAsset(image),
    environment: {
      PORT: String(CONTAINER_PORT),
      LOG_LEVEL: stageSettings(stack.stage).logLevel,
      TLS_SECRET_ARN: certificate.taskSecret.secretArn,
      ...containerTelemetry(stack),
      ...environment,
    },
    portMappings: [{ containerPort: CONTAINER_PORT }],
    cpu: CPU_UNITS - COLLECTOR_CPU_UNITS,
    memoryLimitMiB: MEMORY_MIB,
    user: USER,
    readonlyRootFilesystem: true,
    linuxParameters,
    stopTimeout: Duration.seconds(STOP_SECONDS),
    healthCheck: {
      command: ["CMD", "node", "-e", HEALTH_CHECK],
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(30),
    },
    logging: LogDriver.awsLogs({ streamPrefix: noun, logGroup: logs, ...LOSSY }),
  });
  addCollector(stack, taskDefinition);
  for (const secret of [...secrets, certificate.taskSecret]) secret.grantRead(taskDefinition.taskRole);
  return taskDefinition;
}

function createTargetGroup(stack: Stack): ApplicationTargetGroup {
  const { vpc } = use(Network);
  return new ApplicationTargetGroup(stack, "Targets", {
    vpc,
    targetType: TargetType.IP,
    port: CONTAINER_PORT,
    // The balancer encrypts, but accepts any certificate (Elastic Load Balancing, "Target groups for your Application Load Balancers").
    protocol: ApplicationProtocol.HTTPS,
    healthCheck: {
      protocol: Protocol.HTTPS,
      path: TARGET_GROUP.path,
      interval: Duration.seconds(TARGET_GROUP.intervalSeconds),
      timeout: Duration.seconds(TARGET_GROUP.timeoutSeconds),
      healthyThresholdCount: TARGET_GROUP.healthyThreshold,
      unhealthyThresholdCount: TARGET_GROUP.unhealthyThreshold,
    },
    deregistrationDelay: Duration.seconds(TARGET_GROUP.deregistrationSeconds),
  });
}

/** Each of them rolls a deployment back to the version before. */
function createDeploymentAlarms(stack: Stack, noun: Noun, targetGroup: ApplicationTargetGroup): Alarm[] {
  return [
    ...createAlarm(stack, `${noun}-unhealthy`, {
      metric: targetGroup.metrics.unhealthyHostCount({ period: MINUTE, statistic: Stats.MAXIMUM }),
      threshold: 1,
      periods: 3,
      because: `A task of ${noun} has failed its health check for three minutes, longer than any start takes.`,
    }),
    ...createAlarm(stack, `${noun}-errors`, {
      metric: targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period: MINUTE }),
      threshold: 10,
      periods: 3,
      because: `${noun} has answered 5xx ten times a minute for three minutes: more than a failover's retries leave.`,
    }),
  ];
}
