import { MONTH_OF } from "../prices.ts";
import { address, type Charge, EC2, EC2_OTHER, ECS, polls, RDS, secrets } from "./charge.ts";
import { figure, known, list, record, referred, text, unpriced } from "./properties.ts";
import type { Resource } from "./templates.ts";

/** In GB, of a disk that an AMI of Amazon Linux makes by itself. */
const AMI_DISK_GB = 8;
/** The only machines are of the NAT: everything else runs on Fargate. */
export function instanceCharges(instance: Resource, all: readonly Resource[]): Charge[] {
  const type = text(instance, "InstanceType");
  const disks = list(instance, "BlockDeviceMappings").map(({ Ebs }) => Number(record(Ebs).VolumeSize));
  const interfaces = list(instance, "NetworkInterfaces");
  const { MapPublicIpOnLaunch } = referred(instance, instance.properties.SubnetId, all)?.properties ?? {};
  const isPublic = interfaces[0]?.AssociatePublicIpAddress ?? MapPublicIpOnLaunch ?? false;
  // An elastic address, which is priced by itself, takes the place of the one that EC2 gives.
  const hasOwn = all.some(
    ({ type: other, stack, properties }) =>
      /^AWS::EC2::EIP(Association)?$/.test(other) &&
      stack === instance.stack &&
      record(properties.InstanceId).Ref === instance.id,
  );
  return [
    {
      part: "NAT",
      count: 1,
      unit: type,
      usdEach: known(instance, type, MONTH_OF.instance(type)),
      service: EC2,
    },
    {
      part: "NAT",
      count: disks.length > 0 ? disks.reduce((sum, gb) => sum + gb, 0) : AMI_DISK_GB,
      unit: "GB of disk",
      usdEach: MONTH_OF.diskGb,
      service: EC2_OTHER,
    },
    ...(isPublic && !hasOwn ? [address(1)] : []),
  ];
}

export function databaseCharges(database: Resource): Charge[] {
  const instance = text(database, "DBInstanceClass");
  const gb = figure(database, "AllocatedStorage");
  const { MultiAZ, AutomaticBackupReplicationRegion, ManageMasterUserPassword } = database.properties;
  const [standby, suffix] = MultiAZ === true ? [2, ", Multi-AZ"] : [1, ""];
  return [
    {
      part: "PostgreSQL",
      count: 1,
      unit: instance + suffix,
      usdEach: standby * known(database, instance, MONTH_OF.database(instance)),
      service: RDS,
    },
    {
      part: "PostgreSQL's disk",
      count: gb,
      unit: `GB${suffix}`,
      usdEach: standby * MONTH_OF.databaseGb,
      service: RDS,
    },
    ...(AutomaticBackupReplicationRegion === undefined
      ? []
      : [
          {
            part: "Copies of backups" as const,
            count: gb,
            unit: "GB, at most",
            usdEach: MONTH_OF.snapshotGb,
            service: RDS,
          },
        ]),
    ...(ManageMasterUserPassword === true ? [secrets("Secrets", 1, "secret")] : []),
  ];
}

export function serviceCharges(service: Resource, all: readonly Resource[]): Charge[] {
  const task = referred(service, service.properties.TaskDefinition, all);
  if (task === undefined) throw unpriced(service, "its task");
  const [cpu, gb] = [figure(task, "Cpu") / 1_024, figure(task, "Memory") / 1_024];
  const isArm = record(task.properties.RuntimePlatform).CpuArchitecture === "ARM64";
  if (!isArm) throw unpriced(task, "a task that is not for ARM64");
  const count = tasksOf(service, all);
  const onSpot = count * spotShare(service);
  const unit = `${cpu} vCPU, ${gb} GB`;
  const usdEach = MONTH_OF.fargate(cpu, gb);
  const isBroker = service.stack === "Broker";
  const isPublic =
    record(record(service.properties.NetworkConfiguration).AwsvpcConfiguration).AssignPublicIp === "ENABLED";
  const charges: Charge[] = [
    { part: isBroker ? "RabbitMQ" : "Services", count: count - onSpot, unit, usdEach, service: ECS },
    {
      part: isBroker ? "RabbitMQ" : "Services on Spot",
      count: onSpot,
      unit: isBroker ? `${unit} on Spot` : unit,
      usdEach: MONTH_OF.spotShare * usdEach,
      service: ECS,
    },
    ...(isPublic ? [address(count)] : []),
    // Each task of inventory asks for the deliveries that wait.
    ...(service.stack === "Inventory" ? [polls(count)] : []),
  ];
  return charges.filter(({ count: times }) => times > 0);
}

/** The tasks that always run: the least of its scaling, or its own number. */
function tasksOf(service: Resource, all: readonly Resource[]): number {
  const target = all.find(
    ({ type, stack, properties }) =>
      type === "AWS::ApplicationAutoScaling::ScalableTarget" &&
      stack === service.stack &&
      JSON.stringify(properties.ResourceId).includes(`"${service.id}"`),
  );
  return target ? figure(target, "MinCapacity") : figure(service, "DesiredCount", 1);
}

/** By the weights of the service's capacity providers. */
function spotShare(service: Resource): number {
  const strategy = list(service, "CapacityProviderStrategy");
  const weight = (providers: typeof strategy) =>
    providers.reduce((sum, { Weight }) => sum + Number(Weight ?? 0), 0);
  const spot = strategy.filter(({ CapacityProvider }) => CapacityProvider === "FARGATE_SPOT");
  return spot.length === 0 ? 0 : weight(spot) / weight(strategy);
}
