/** RDS Proxy bills no fewer vCPUs, and each class of this project has two. */
export const PROXY_CPUS = 2;
/** The only region whose prices are known here: AWS's pages have the others, and most are 5 to 20 % higher. */
export const PRICED_REGION = "us-east-1";

/** On demand in `PRICED_REGION`, in USD, as of autumn 2026. */
const PER_HOUR = {
  natGateway: 0.045,
  endpoint: 0.01,
  address: 0.005,
  proxyCpu: 0.015,
  balancer: 0.0225,
  /** Fargate on ARM64. */
  taskCpu: 0.03238,
  taskGb: 0.00356,
};
const BROKER_HOUR: Readonly<Record<string, number>> = { "mq.m7g.medium": 0.1367, "mq.m7g.large": 0.2734 };
const DATABASE_HOUR: Readonly<Record<string, number>> = {
  "db.t4g.micro": 0.016,
  "db.t4g.small": 0.032,
  // For the plan of docs/growth.md.
  "db.m7g.large": 0.168,
};
/** The price of a t4g.nano. */
const NAT_HOUR = 0.0042;
const INSTANCE_HOUR: Readonly<Record<string, number>> = {
  "t4g.nano": NAT_HOUR,
  "t4g.micro": 0.0084,
  "t4g.small": 0.0168,
};
const PER_MONTH = {
  databaseGb: 0.115,
  /** A machine's disk, gp3. */
  diskGb: 0.08,
  fileGb: 0.3,
  fileGbInOneZone: 0.16,
  webAcl: 5,
  webAclRule: 1,
  key: 1,
  secret: 0.4,
  metric: 0.3,
  alarmMetric: 0.1,
  dashboard: 3,
  compositeAlarm: 0.5,
  hostedZone: 0.5,
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
/** The smallest task, which the services have. */
const TASK_HOUR = 0.25 * PER_HOUR.taskCpu + 1 * PER_HOUR.taskGb;
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
  /** A second of a quarter of a GB. */
  scheduledRun: EACH.run + EACH.gbSecond / 4,
  /** A run of the status probe: its requests to S3, and a second of a GB. Reading a log is free. Its tokens and traces are left out. */
  check: 7 * EACH.s3Read + 4 * EACH.s3Write + EACH.run + EACH.gbSecond,
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

/** The price of one resource for a month. A type or class that no stage has, has no price. */
export const MONTH_OF = {
  broker: (instance: string) => hourly(BROKER_HOUR[instance]),
  database: (instanceClass: string) => hourly(DATABASE_HOUR[instanceClass]),
  instance: (type: string) => hourly(INSTANCE_HOUR[type]),
  fargate: (cpu: number, gb: number) => hourly(cpu * PER_HOUR.taskCpu + gb * PER_HOUR.taskGb),
  spotShare: SPOT_SHARE,
  databaseGb: PER_MONTH.databaseGb,
  snapshotGb: PER_STORED_GB.snapshot,
  diskGb: PER_MONTH.diskGb,
  fileGb: PER_MONTH.fileGb,
  fileGbInOneZone: PER_MONTH.fileGbInOneZone,
  proxy: hourly(PROXY_CPUS * PER_HOUR.proxyCpu),
  natGateway: hourly(PER_HOUR.natGateway),
  /** With the address that EC2 lends it, and its disk of 8 GB. */
  natInstance: hourly(NAT_HOUR + PER_HOUR.address) + 8 * PER_MONTH.diskGb,
  endpoint: hourly(PER_HOUR.endpoint),
  address: hourly(PER_HOUR.address),
  balancer: hourly(PER_HOUR.balancer),
  task: hourly(TASK_HOUR),
  key: PER_MONTH.key,
  secret: PER_MONTH.secret,
  metric: PER_MONTH.metric,
  alarmMetric: PER_MONTH.alarmMetric,
  compositeAlarm: PER_MONTH.compositeAlarm,
  dashboard: PER_MONTH.dashboard,
  hostedZone: PER_MONTH.hostedZone,
  webAcl: (rules = 4) => PER_MONTH.webAcl + rules * PER_MONTH.webAclRule,
  stored: (what: keyof typeof PER_STORED_GB, bytes: number) => (bytes / 1024 ** 3) * PER_STORED_GB[what],
};

function hourly(usd: number): number;
function hourly(usd: number | undefined): number | undefined;
function hourly(usd: number | undefined): number | undefined {
  return usd === undefined ? undefined : usd * HOURS_A_MONTH;
}

/** One line of a bill: `count` times `unit`. */
export interface PriceLine {
  part: string;
  count: number;
  unit: string;
  usdMonthly: number;
}

export function totalOf(lines: readonly Pick<PriceLine, "usdMonthly">[]): number {
  return lines.reduce((total, { usdMonthly }) => total + usdMonthly, 0);
}

export function line(part: string, count: number, unit: string, usdEach: number): PriceLine {
  return { part, count, unit, usdMonthly: count * usdEach };
}
