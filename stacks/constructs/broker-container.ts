import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/site/workspace";
import { BROKER_VERSION } from "@cloud-design/stage/broker-version";
import { BROKER_NAME, brokerHost, internalDomain } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { CPU_UNITS } from "@cloud-design/stage/task-size";
import { Duration } from "aws-cdk-lib";
import { SubnetType } from "aws-cdk-lib/aws-ec2";
import {
  AvailabilityZoneRebalancing,
  Capability,
  ContainerImage,
  CpuArchitecture,
  Secret as EcsSecret,
  FargateService,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
  PropagatedTagSource,
} from "aws-cdk-lib/aws-ecs";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import {
  type CfnPrivateDnsNamespace,
  DnsRecordType,
  PrivateDnsNamespace,
} from "aws-cdk-lib/aws-servicediscovery";
import { type Stack, use } from "sst/constructs";
import { Cluster } from "../cluster.ts";
import { Network } from "../network.ts";
import { BROKER_USER, mountBrokerFiles } from "./broker-files.ts";
import { fixedGroup } from "./fixed-group.ts";
import { LOSSY, logGroup } from "./log-group.ts";

/** The official image, by its tag: ECS resolves it to a digest at each deployment, and keeps to that. */
const IMAGE = `public.ecr.aws/docker/library/rabbitmq:${BROKER_VERSION}`;
const FOLDER = join(ROOT, "packages/containers/rabbitmq");
/** The longest that Fargate gives, and all that Spot announces. RabbitMQ needs some seconds to write its queues. */
const STOP_SECONDS = 120;
/** The longest that ECS gives: a quarter of a CPU starts RabbitMQ in a minute or two, and a lost host's lock on the files ends after 90 s. */
const START_SECONDS = 300;
/** For RabbitMQ on a slow file system, five minutes more: a container that is killed while it starts never gets further. */
const PATIENCE = { interval: Duration.seconds(30), retries: 10 };
/** How long a client may believe that there is no task, or look for one that has gone. */
const NAME_TTL = Duration.seconds(10);

/**
 * RabbitMQ as a single task on Spot. Its data is on EFS, so a new task goes on where the one before was lost; orders wait in SQS meanwhile. It
 * costs a fiftieth of Amazon MQ's smallest broker.
 */
export function createBrokerContainer(stack: Stack, credentials: ISecret) {
  const { cluster, certificate } = use(Cluster);
  const { vpc, groups } = use(Network);
  const taskDefinition = new FargateTaskDefinition(stack, "Task", {
    cpu: CPU_UNITS,
    memoryLimitMiB: 1_024, // twice of what RabbitMQ may use before it blocks publishers, because Erlang copies while it collects garbage
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.ARM64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  const container = addContainer(stack, taskDefinition, credentials);
  const files = mountBrokerFiles(stack, taskDefinition, container);
  const namespace = new PrivateDnsNamespace(stack, "Namespace", { name: internalDomain(stack), vpc });
  // Between two tasks the name has no address, which resolvers remember for as long as this says.
  (namespace.node.defaultChild as CfnPrivateDnsNamespace).properties = {
    dnsProperties: { soa: { ttl: NAME_TTL.toSeconds() } },
  };
  const service = new FargateService(stack, "Service", {
    cluster,
    taskDefinition,
    desiredCount: 1,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [fixedGroup(stack, "Group", groups.broker)],
    assignPublicIp: false,
    capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
    // The old task ends before the new one starts: only one may have the data.
    minHealthyPercent: 0,
    maxHealthyPercent: 100,
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.DISABLED, // it needs a second task
    circuitBreaker: { enable: true, rollback: true },
    enableExecuteCommand: false,
    propagateTags: PropagatedTagSource.SERVICE, // the budget counts by the stage's tag
    cloudMapOptions: {
      cloudMapNamespace: namespace,
      name: BROKER_NAME,
      dnsRecordType: DnsRecordType.A,
      dnsTtl: NAME_TTL,
    },
  });
  service.node.addDependency(files);
  return { service, url: `amqps://${brokerHost(stack)}:5671`, authority: certificate.authority };
}

function addContainer(stack: Stack, task: FargateTaskDefinition, credentials: ISecret) {
  const { brokerSecret } = use(Cluster).certificate;
  if (!brokerSecret) throw new Error("The stack Cluster makes no certificate for the broker.");
  const linuxParameters = new LinuxParameters(stack, "Linux", { initProcessEnabled: true });
  linuxParameters.dropCapabilities(Capability.ALL);
  // Files in memory, for the certificate's key and the password.
  linuxParameters.addTmpfs({ containerPath: "/tmp", size: 16 });
  return task.addContainer("rabbitmq", {
    image: ContainerImage.fromRegistry(IMAGE),
    entryPoint: ["sh", "-c"],
    command: [read("start.sh")],
    environment: {
      CONFIGURATION: read("rabbitmq.conf") + read("tls.conf"),
    },
    // ECS reads them for each task.
    secrets: {
      TLS_KEY: EcsSecret.fromSecretsManager(brokerSecret, "key"),
      TLS_CERTIFICATE: EcsSecret.fromSecretsManager(brokerSecret, "cert"),
      USERNAME: EcsSecret.fromSecretsManager(credentials, "username"),
      PASSWORD: EcsSecret.fromSecretsManager(credentials, "password"),
    },
    portMappings: [{ containerPort: 5671 }],
    user: BROKER_USER,
    readonlyRootFilesystem: true,
    linuxParameters,
    stopTimeout: Duration.seconds(STOP_SECONDS),
    // A handshake, not RabbitMQ's own program, which starts a second Erlang.
    healthCheck: {
      command: ["CMD-SHELL", "openssl s_client -connect 127.0.0.1:5671 -brief </dev/null"],
      ...PATIENCE,
      timeout: Duration.seconds(10),
      startPeriod: Duration.seconds(START_SECONDS),
    },
    logging: LogDriver.awsLogs({
      streamPrefix: "rabbitmq",
      logGroup: logGroup(stack, "Logs", stageSettings(stack.stage)),
      ...LOSSY,
    }),
  });
}

function read(name: string): string {
  return readFileSync(join(FOLDER, name), "utf8");
}
