import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { compareSets } from "./compare.ts";

const NAME = "rabbitmq.learner.cloud-design.internal";
const AUTHORITY = "<Cluster/BalancerCertificate/Default.authority>";
const SECRETS = {
  TLS_KEY: "<Cluster/BrokerCertificate>:key::",
  TLS_CERTIFICATE: "<Cluster/BrokerCertificate>:cert::",
  USERNAME: "<Broker/Credentials>:username::",
  PASSWORD: "<Broker/Credentials>:password::",
};

const Pairs = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const Task = z.object({
  Cpu: z.string(),
  Memory: z.string(),
  Volumes: z
    .array(
      z.object({
        EFSVolumeConfiguration: z.object({
          TransitEncryption: z.string(),
          AuthorizationConfig: z.object({ IAM: z.string(), AccessPointId: z.string() }),
        }),
      }),
    )
    .default([]),
  ContainerDefinitions: z.array(
    z.object({
      Image: z.unknown(),
      User: z.string().optional(),
      Environment: Pairs,
      Secrets: z.array(z.object({ Name: z.string(), ValueFrom: z.string() })).default([]),
      MountPoints: z.array(z.object({ ContainerPath: z.string() })).default([]),
      PortMappings: z.array(z.object({ ContainerPort: z.number() })).default([]),
    }),
  ),
});
const Service = z.object({
  DesiredCount: z.number().optional(),
  DeploymentConfiguration: z.object({ MinimumHealthyPercent: z.number(), MaximumPercent: z.number() }),
  CapacityProviderStrategy: z.array(z.object({ CapacityProvider: z.string() })).default([]),
  ServiceRegistries: z.array(z.unknown()).default([]),
});
const Files = z.object({
  Encrypted: z.boolean(),
  FileSystemPolicy: z.unknown(),
});
const AccessPoint = z.object({ PosixUser: z.object({ Uid: z.string(), Gid: z.string() }) });
const Certificate = z.object({ broker: z.object({ names: z.array(z.string()), secretArn: z.string() }) });
const LambdaFunction = z.object({
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
});

/** RabbitMQ in a container: one task at a time, whose data is encrypted and outlives it, and whose certificate its clients can check. */
export function brokerContainer(app: App): string[] {
  const [task] = ours(app, "AWS::ECS::TaskDefinition", Task);
  const [service] = ours(app, "AWS::ECS::Service", Service);
  const [files] = ours(app, "AWS::EFS::FileSystem", Files);
  const [accessPoint] = ours(app, "AWS::EFS::AccessPoint", AccessPoint);
  const [certificate] = resourcesOf(app, "AWS::CloudFormation::CustomResource", Certificate);
  const [container] = task?.ContainerDefinitions ?? [];
  const [volume] = (task?.Volumes ?? []).map(({ EFSVolumeConfiguration }) => EFSVolumeConfiguration);
  const { MinimumHealthyPercent, MaximumPercent } = service?.DeploymentConfiguration ?? {};
  const user = accessPoint && `${accessPoint.PosixUser.Uid}:${accessPoint.PosixUser.Gid}`;
  const requirements: [string, boolean][] = [
    ["runs 4.2", container?.Image === "public.ecr.aws/docker/library/rabbitmq:4.2"],
    ["is a quarter of a CPU and 1 GB", `${task?.Cpu} ${task?.Memory}` === "256 1024"],
    ["is one task on Spot", service?.CapacityProviderStrategy[0]?.CapacityProvider === "FARGATE_SPOT"],
    [
      "never has two tasks",
      service?.DesiredCount === 1 && MinimumHealthyPercent === 0 && MaximumPercent === 100,
    ],
    ["is found by its name", service?.ServiceRegistries.length === 1],
    [
      "accepts AMQPS alone",
      container?.PortMappings.map(({ ContainerPort }) => ContainerPort).join() === "5671",
    ],
    ["has encrypted files", files?.Encrypted === true],
    [
      "refuses a mount without TLS",
      JSON.stringify(files?.FileSystemPolicy).includes('"aws:SecureTransport":"false"'),
    ],
    ["mounts them by TLS", volume?.TransitEncryption === "ENABLED"],
    ["mounts them by its own right", volume?.AuthorizationConfig.IAM === "ENABLED"],
    [
      "mounts them where RabbitMQ keeps its data",
      container?.MountPoints[0]?.ContainerPath === "/var/lib/rabbitmq",
    ],
    ["runs as their owner", user !== undefined && container?.User === user],
    ["has a certificate for its name", certificate?.properties.broker.names.includes(NAME) === true],
  ];
  const secrets = Object.fromEntries(
    (container?.Secrets ?? []).map(({ Name, ValueFrom }) => [Name, ValueFrom]),
  );
  return [
    ...requirements.filter(([, isMet]) => !isMet).map(([claim]) => `It is not so that the broker ${claim}`),
    ...compareSets("Secret", entries(secrets), entries(SECRETS)),
    ...clients(app),
  ];
}

/** Each client knows the broker's name and its authority; the probe knows that authority as the balancer's. */
function clients(app: App): string[] {
  const functions = resourcesOf(app, "AWS::Lambda::Function", LambdaFunction).map(({ name, properties }) => ({
    name,
    variables: properties.Environment.Variables,
  }));
  const tasks = resourcesOf(app, "AWS::ECS::TaskDefinition", Task).flatMap(({ name, properties }) =>
    properties.ContainerDefinitions.map(({ Environment }) => ({
      name,
      variables: Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value])),
    })),
  );
  return [...functions, ...tasks]
    .filter(({ variables }) => "AMQP_URL" in variables)
    .flatMap(({ name, variables: { AMQP_URL, AMQP_AUTHORITY, BALANCER_AUTHORITY } }) => [
      ...(AMQP_URL === `amqps://${NAME}:5671` ? [] : [`${name} does not know the broker's address`]),
      ...((AMQP_AUTHORITY ?? BALANCER_AUTHORITY) === AUTHORITY ? [] : [`${name} does not trust the broker`]),
    ]);
}

/** The properties of a type in the broker's stack. */
function ours<T extends z.ZodType>({ resources, ...app }: App, type: string, schema: T): z.output<T>[] {
  const inStack = resources.filter(({ name }) => name.startsWith("Broker/"));
  return resourcesOf({ ...app, resources: inStack }, type, schema).map(({ properties }) => properties);
}

function entries(record: Readonly<Record<string, string>>): string[] {
  return Object.entries(record).map(([name, value]) => `${name}=${value}`);
}
