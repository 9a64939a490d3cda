import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { METRICS } from "@cloud-design/core/telemetry";
import type { StageSettings } from "./settings.ts";

/** On demand in us-east-1, in USD, as of autumn 2026. */
const PER_HOUR = {
  // A task on Spot of the size of a service.
  container: 0.0035,
  "mq.m7g.medium": 0.1367,
  "mq.m7g.large": 0.2734,
  natGateway: 0.045,
  natInstance: 0.0042,
  address: 0.005,
  "t4g.micro": 0.016,
  "t4g.small": 0.032,
  // For the plan of docs/growth.md.
  "m7g.large": 0.168,
  proxyCpu: 0.015,
  balancer: 0.0225,
  taskCpu: 0.03238,
  taskGb: 0.00356,
};
const PER_MONTH = {
  storageGb: 0.115,
  volumeGb: 0.08,
  webAcl: 5,
  webAclRule: 1,
  key: 1,
  secret: 0.4,
  metric: 0.3,
  alarmMetric: 0.1,
  dashboard: 3,
  compositeAlarm: 0.5,
  logGb: 0.5,
};
/** A GB stored for a month. RDS has more than one such price; a log group is billed compressed, so its bytes are the upper bound. */
const PER_STORED_GB = {
  snapshot: 0.095,
  log: 0.03,
  object: 0.023,
  image: 0.1,
};
const EACH = {
  s3Write: 0.000005,
  s3Read: 0.0000004,
  run: 0.0000002,
  gbSecond: 0.0000133334,
};
export const HOURS_A_MONTH = 730;
/** AWS promises up to 70 % off and mostly keeps it; the price follows demand. */
const SPOT_SHARE = 0.3;

/** The counts in every stage. */
const STORAGE_GB = 20;
const NAT_DISK_GB = 8;
const PROXY_CPUS = 2; // the minimum that RDS Proxy bills
const TASK = { cpu: 0.25, gb: 1 };
const TASK_HOUR = TASK.cpu * PER_HOUR.taskCpu + TASK.gb * PER_HOUR.taskGb;
/** The costs that grow with traffic (`usage.ts`); the cost dashboard shows some of them. A token is that of a machine client. */
export const PER_USE = {
  /** With the function that cuts a trailing slash. */
  edgeRequest: 0.000001 + 0.0000001,
  firewallRequest: 0.0000006,
  httpRequest: 0.000001,
  run: EACH.run,
  gbSecond: EACH.gbSecond,
  queueCall: 0.0000004,
  lcu: 0.008,
  natGb: 0.045,
  logGb: PER_MONTH.logGb,
  logGbKept: PER_STORED_GB.log,
  trace: 0.000005,
  taskHour: TASK_HOUR,
  token: 0.00225,
};
/** Prices that fall with the month's use: the upper end of each tier, and its price. CloudFront's are those of North America and Europe. */
export const TIERS = {
  httpMillions: [
    [300, 1],
    [Infinity, 0.9],
  ],
  edgeGb: [
    [10_000, 0.085],
    [50_000, 0.08],
    [150_000, 0.06],
    [500_000, 0.04],
    [Infinity, 0.03],
  ],
} as const;
/** Free dashboards in an account. */
const DASHBOARDS_FREE = 3;
const WEB_ACL_RULES = 4;
const KEYS = 2;
/**
 * One for each service, the broker, CloudFront, order ids, webhooks, the authority and the tasks' certificate; each server adds one for its
 * administrator.
 */
const SHARED_SECRETS = 8;
/** The keys of the order ids and of the webhooks; all other secrets are made anew. */
const REPLICAS = 2;
/**
 * The status probe, once a minute: its requests to S3, and a second of a GB. Reading a log is free. Its tokens, some a day, come to $0.30 a
 * month.
 */
const CHECK = 7 * EACH.s3Read + 4 * EACH.s3Write + EACH.run + EACH.gbSecond;
/** 22 of them belong to the objectives' burn rates. */
const ALARM_METRICS = { shared: 74 + LANE_NAMES.length, eachServer: 7 };
/**
 * The metrics of the project's code, and the four that are counted from the API's access log. They are billed by the hour in which they are
 * reported, so this is the upper bound.
 */
const OWN_METRICS =
  Object.values(METRICS)
    .filter(({ isOnAws }) => isOnAws)
    .reduce((count, { by }) => count + by.length, 0) + 4;
/** The queues of a function: those of the lanes, of files and of chunks, and of deliveries. */
const FUNCTION_QUEUES = LANE_NAMES.length + 3;
/** Lambda asks each of its queues with five long polls at once (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const LAMBDA_POLLS = 5;
/** Long polls of 20 s, one after the other. */
const POLLS_A_MONTH = 3 * 60 * HOURS_A_MONTH;
/** A fast and a slow one for each of the three objectives. */
const COMPOSITE_ALARMS = 6;
/** Container Insights reports 8 metrics for a cluster, 11 for a service and 6 for a task family. */
const CONTAINER_METRICS = 8 + 2 * (11 + 6);

/** The price of one resource for a month, for the receipt of a removal. A type or class that no stage has, has no price. */
export const MONTH_OF = {
  broker: (instance: string) => perHour(instance),
  database: (instanceClass: string) => perHour(instanceClass.replace(/^db\./, "")),
  databaseGb: PER_MONTH.storageGb,
  proxy: hourly(PROXY_CPUS * PER_HOUR.proxyCpu),
  natGateway: hourly(PER_HOUR.natGateway),
  /** With the address that EC2 lends it, and its disk. */
  natInstance: hourly(PER_HOUR.natInstance + PER_HOUR.address) + NAT_DISK_GB * PER_MONTH.volumeGb,
  address: hourly(PER_HOUR.address),
  balancer: hourly(PER_HOUR.balancer),
  task: hourly(TASK_HOUR),
  key: PER_MONTH.key,
  secret: PER_MONTH.secret,
  alarmMetric: PER_MONTH.alarmMetric,
  compositeAlarm: PER_MONTH.compositeAlarm,
  dashboard: PER_MONTH.dashboard,
  webAcl: (rules = WEB_ACL_RULES) => PER_MONTH.webAcl + rules * PER_MONTH.webAclRule,
  stored: (what: keyof typeof PER_STORED_GB, bytes: number) => (bytes / 1024 ** 3) * PER_STORED_GB[what],
};

/** One line of the bill: `count` times `unit`. */
export interface PriceLine {
  part: string;
  count: number;
  unit: string;
  usdMonthly: number;
}

/** The cost of a stage for a month without calls. Requests, data and larger fleets cost more: docs/cost.md. */
export function idleMonth(settings: StageSettings): PriceLine[] {
  const {
    brokerInstance,
    databaseInstance,
    isDatabaseMultiAz,
    databaseServers,
    inventoryTasks,
    billingTasks,
  } = settings;
  const standby = isDatabaseMultiAz ? 2 : 1;
  const multiAz = isDatabaseMultiAz ? ", Multi-AZ" : "";
  const task = hourly(TASK_HOUR);
  const spotTasks = settings.isBillingOnSpot ? billingTasks.min : 0;
  return [
    line(
      "RabbitMQ",
      settings.brokerMode === "CLUSTER_MULTI_AZ" ? 3 : 1,
      brokerInstance,
      hourly(PER_HOUR[brokerInstance]),
    ),
    line(
      "NAT",
      settings.natGateways,
      "gateway with its address",
      hourly(PER_HOUR.natGateway + PER_HOUR.address),
    ),
    line(
      "PostgreSQL",
      databaseServers,
      `db.${databaseInstance}${multiAz}`,
      standby * hourly(PER_HOUR[databaseInstance]),
    ),
    line("PostgreSQL's disk", databaseServers * STORAGE_GB, `GB${multiAz}`, standby * PER_MONTH.storageGb),
    line("RDS Proxy", databaseServers, "proxy of 2 vCPU", hourly(PROXY_CPUS * PER_HOUR.proxyCpu)),
    line(
      "Services",
      inventoryTasks.min + billingTasks.min - spotTasks,
      `Fargate task of ${TASK.gb} GB`,
      task,
    ),
    line("Services on Spot", spotTasks, `Fargate task of ${TASK.gb} GB`, SPOT_SHARE * task),
    line("Balancer", 1, "ALB", hourly(PER_HOUR.balancer)),
    line("Firewall", 1, "web ACL of 4 rules", PER_MONTH.webAcl + WEB_ACL_RULES * PER_MONTH.webAclRule),
    line("Container Insights", CONTAINER_METRICS, "metric", PER_MONTH.metric),
    line("Metrics of our own", OWN_METRICS, "metric", PER_MONTH.metric),
    line(
      "Alarms",
      ALARM_METRICS.shared + ALARM_METRICS.eachServer * databaseServers,
      "metric",
      PER_MONTH.alarmMetric,
    ),
    line("Alarms on alarms", COMPOSITE_ALARMS, "composite alarm", PER_MONTH.compositeAlarm),
    line(
      "Dashboards",
      Math.max(0, settings.dashboards.length - DASHBOARDS_FREE),
      "dashboard beyond three",
      PER_MONTH.dashboard,
    ),
    line("Status probe", 60 * HOURS_A_MONTH, "check", CHECK),
    // Each task of inventory asks for the deliveries that wait.
    line(
      "Polls of SQS",
      ((FUNCTION_QUEUES * LAMBDA_POLLS + inventoryTasks.min) * POLLS_A_MONTH) / 1_000_000,
      "million calls",
      1_000_000 * PER_USE.queueCall,
    ),
    line("Secrets", SHARED_SECRETS + databaseServers, "secret", PER_MONTH.secret),
    line(
      "Copies of backups",
      settings.copyDays > 0 ? databaseServers * STORAGE_GB : 0,
      "GB of backups, at most",
      PER_STORED_GB.snapshot,
    ),
    line("Copies of secrets", settings.copyDays > 0 ? REPLICAS : 0, "replica", PER_MONTH.secret),
    line("Keys", KEYS, "KMS key", PER_MONTH.key),
    line("Logs", settings.flowLogTraffic === "ALL" ? 5 : 1, "GB (an estimate)", PER_MONTH.logGb),
  ];
}

export function totalOf(lines: readonly PriceLine[]): number {
  return lines.reduce((total, { usdMonthly }) => total + usdMonthly, 0);
}

function perHour(name: string): number | undefined {
  const usd = Object.entries(PER_HOUR).find(([key]) => key === name)?.[1];
  return usd === undefined ? undefined : hourly(usd);
}

function hourly(usd: number): number {
  return usd * HOURS_A_MONTH;
}

export function line(part: string, count: number, unit: string, usdEach: number): PriceLine {
  return { part, count, unit, usdMonthly: count * usdEach };
}
