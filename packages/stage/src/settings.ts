/** The kinds of stages. Each stage has one from its first deployment on, and keeps it. */
export const PRESETS = ["learner", "standard", "hardened"] as const;
export type Preset = (typeof PRESETS)[number];

/** The settings in which presets differ. */
export interface StageSettings {
  zones: 2 | 3;
  nat: "instance" | "gateway";
  natGateways: number;
  flowLogTraffic: "ALL" | "REJECT";
  databaseServers: 1 | 2;
  databaseInstance: "t4g.micro" | "t4g.small" | "m7g.large";
  /** Without it the services connect to the server itself. */
  hasProxy: boolean;
  databaseConnectionsMax: number;
  /** RDS adds storage up to this size, and each GB is paid from then on: storage never shrinks. */
  databaseStorageGbMax: number;
  isDatabaseMultiAz: boolean;
  backupDays: number;
  /** How long another region keeps a copy of the backups; 0 means no copy of backups, nor of the key of the order ids. */
  copyDays: number;
  /** A task of our own beside the services, or Amazon MQ's instance. */
  brokerInstance: "container" | "mq.m7g.medium" | "mq.m7g.large";
  brokerMode: "SINGLE_INSTANCE" | "CLUSTER_MULTI_AZ";
  inventoryTasks: TaskRange;
  billingTasks: TaskRange;
  isInventoryOnSpot: boolean;
  isBillingOnSpot: boolean;
  /** The reserved concurrency of the function that accepts orders; undefined for a share of the account's. */
  orderGatewayConcurrency: number | undefined;
  /** The same for the function behind all other routes. */
  gatewayConcurrency: number | undefined;
  /** CDK's name of one of CodeDeploy's configurations for Lambda. */
  gatewayRollout: "CANARY_10PERCENT_10MINUTES" | "ALL_AT_ONCE";
  keepsData: boolean;
  logRetentionDays: 7 | 90;
  /** At least `info`: the ledger, the alarms and an operator who follows an order read lines of that level. */
  logLevel: "info" | "debug";
  traceShare: number;
  dashboards: readonly DashboardName[];
  corsOrigins: readonly string[];
  tunnelHosts: readonly string[];
  hasAnomalyMonitor: boolean;
  hasFirewall: boolean;
  hasContainerInsights: boolean;
  /** Metrics of the project's own code, and the alarms and objectives that read them. */
  hasOwnMetrics: boolean;
  /** By name; "all" means those of docs/alarms.md. */
  alarms: "all" | readonly string[];
  /** Keys of KMS that the stage owns; otherwise those that AWS manages. */
  hasOwnKeys: boolean;
  probeMinutes: 1 | 5;
  /** The hours that a developer's tunnel may stay open; 0 means that there is no tunnel. */
  tunnelHours: number;
}

/** The dashboards of `stacks/dashboards.ts`. */
export type DashboardName = "overview" | "gateway" | "inventory" | "billing" | "cost";

interface TaskRange {
  min: number;
  max: number;
}

/**
 * Every difference between the presets, with the reason for each value: `hardened` is highly available, `standard` is cheap. Other than that, the
 * stacks use the stage's name only to keep names apart. Zones, servers and the broker's mode are for new stages only: their resources have fixed
 * names, under which CloudFormation cannot replace them.
 */
export const PRESET_TABLE: {
  [Setting in keyof StageSettings]: Record<Preset, StageSettings[Setting]> & { why: string };
} = {
  zones: {
    hardened: 3,
    standard: 2,
    learner: 2,
    why: "three broker nodes keep a majority only over three zones; the balancer and RDS ask for two",
  },
  nat: {
    hardened: "gateway",
    standard: "gateway",
    learner: "instance",
    why: "AWS keeps a gateway up, at $36.50 a month with its address; an instance of our own is $7.40, passes 32 Mb/s for long, and the functions and tasks are cut off from AWS while it restarts",
  },
  natGateways: {
    hardened: 3,
    standard: 1,
    learner: 1,
    why: "one for each zone ($36.50 a month each), so that a lost zone does not cut off another; elsewhere one is enough, as no real orders are lost",
  },
  flowLogTraffic: {
    hardened: "ALL",
    standard: "REJECT",
    learner: "REJECT",
    why: "accepted traffic is what an investigation needs; refused traffic shows a missing rule and costs next to nothing",
  },
  databaseServers: {
    hardened: 2,
    standard: 1,
    learner: 1,
    why: "the services fail independently; elsewhere both databases share a server and a proxy, which saves $36 a month",
  },
  databaseInstance: {
    hardened: "t4g.small",
    standard: "t4g.micro",
    learner: "t4g.micro",
    why: "2 GB for the database pages that are read again and again; 1 GB is the smallest",
  },
  hasProxy: {
    hardened: true,
    standard: true,
    learner: false,
    why: "it keeps connections through a failover, and few for many functions; $21.90 a month, which four tasks and one function do not need (`--with proxy` adds it)",
  },
  databaseConnectionsMax: {
    hardened: 200,
    standard: 100,
    learner: 100,
    why: "ten for each task at its maximum, twice while a deployment replaces them, within the 90 % that the proxy takes; each needs 2 to 5 MB",
  },
  databaseStorageGbMax: {
    hardened: 1_000,
    standard: 100,
    learner: 100,
    why: "an order takes 350 bytes, so 100 orders a second fill 3 GB a day, and 1,000 GB in eleven months, then at $230 a month; elsewhere a month of load tests, at $12",
  },
  isDatabaseMultiAz: {
    hardened: true,
    standard: false,
    learner: false,
    why: "a standby takes over in 1 to 2 minutes without a lost commit; it doubles the instance's price",
  },
  backupDays: {
    hardened: 14,
    standard: 1,
    learner: 1,
    why: "as long as SQS keeps an order, so that a backup and the queue overlap; the least that still allows a restore",
  },
  copyDays: {
    hardened: 7,
    standard: 0,
    learner: 0,
    why: "a lost region takes its own backups along, and a copy must outlive the days of waiting for its return, since it expires without its source; elsewhere no real orders are lost",
  },
  brokerInstance: {
    hardened: "mq.m7g.large",
    standard: "mq.m7g.medium",
    learner: "container",
    why: "the smallest that AWS calls fit for production ($200 a month each); the smallest there is ($100)",
  },
  brokerMode: {
    hardened: "CLUSTER_MULTI_AZ",
    standard: "SINGLE_INSTANCE",
    learner: "SINGLE_INSTANCE",
    why: "three nodes stay up through the weekly maintenance; a single one is away for up to two hours, in which SQS keeps the orders",
  },
  inventoryTasks: {
    hardened: { min: 2, max: 6 },
    standard: { min: 1, max: 2 },
    learner: { min: 2, max: 2 },
    why: "two, so that the loss of a zone or a task is not an outage; the maximum keeps within the database's connections",
  },
  billingTasks: {
    hardened: { min: 2, max: 6 },
    standard: { min: 1, max: 2 },
    learner: { min: 2, max: 2 },
    why: "as for inventory",
  },
  isInventoryOnSpot: {
    hardened: false,
    standard: false,
    learner: true,
    why: "a caller waits for each answer, so no task ends at two minutes' notice; a learner sees how the second task takes over, for $12 a month less",
  },
  isBillingOnSpot: {
    hardened: false,
    standard: true,
    learner: true,
    why: "Spot costs up to 70 % less and may end a task at two minutes' notice, which delays some orders and keeps all",
  },
  orderGatewayConcurrency: {
    hardened: 300,
    standard: undefined,
    learner: undefined,
    why: "what the throttle lets through while every instance still starts: a burst of 200, and 100 in a second's cold start; warm, it is 1,000 orders a second of 300 ms; a new account has 10 in all, of which nothing can be reserved",
  },
  gatewayConcurrency: {
    hardened: 500,
    standard: undefined,
    learner: undefined,
    why: "5,000 reads a second of 100 ms each; however many wait for a frozen inventory, 200 of an account's 1,000 remain for bridge, sign-in and probe",
  },
  gatewayRollout: {
    hardened: "CANARY_10PERCENT_10MINUTES",
    standard: "ALL_AT_ONCE",
    learner: "ALL_AT_ONCE",
    why: "a tenth of the callers try a new version while its alarm needs up to six minutes to ring, and CodeDeploy's next shorter time is five minutes; elsewhere the smoke test follows at once",
  },
  keepsData: {
    hardened: true,
    standard: false,
    learner: false,
    why: "deletion protection and a last snapshot; any other stage must be deleted completely",
  },
  logRetentionDays: {
    hardened: 90,
    standard: 7,
    learner: 7,
    why: "a quarter, long enough to look back after an incident; a week of work",
  },
  logLevel: {
    hardened: "info",
    standard: "debug",
    learner: "debug",
    why: "each order's way and every failure; a developer needs all lines",
  },
  traceShare: {
    hardened: 0.1,
    standard: 1,
    learner: 1,
    why: "a million orders would be some $5 of traces if all were kept, and the log names each order's hops anyway; little traffic, all of it worth a look",
  },
  dashboards: {
    hardened: ["overview", "gateway", "inventory", "billing", "cost"],
    standard: ["overview"],
    learner: ["overview"],
    why: "all of them where operators are on call; an account has three for free, and each further one is $3 a month",
  },
  corsOrigins: {
    hardened: [],
    standard: ["http://localhost:3000"],
    learner: ["http://localhost:3000"],
    why: "the site shares its origin with the API and needs none; a page under development is on a laptop",
  },
  tunnelHosts: {
    hardened: [],
    standard: ["localhost"],
    learner: ["localhost"],
    why: "further names in the balancer's certificate: a developer's tunnel ends at one of them, and the client checks it",
  },
  hasAnomalyMonitor: {
    hardened: true,
    standard: false,
    learner: false,
    why: "AWS learns the usual costs of each service and reports what leaves them within a day, for free; it needs some weeks of even use, which other stages do not have",
  },
  hasFirewall: {
    hardened: true,
    standard: true,
    learner: false,
    why: "known attacks and floods end at the edge, for $9 a month; the throttles of API Gateway stand behind it in every stage",
  },
  hasContainerInsights: {
    hardened: true,
    standard: true,
    learner: false,
    why: "the number of running tasks and the use of memory as metrics, for $12.60 a month; a stage that scales billing needs it, and a fixed number of tasks does not",
  },
  hasOwnMetrics: {
    hardened: true,
    standard: true,
    learner: false,
    why: "what the code counts, and the objectives that are computed from it, for $0.30 a month and metric; without it the metrics of AWS's services remain, and logs and traces",
  },
  alarms: {
    hardened: "all",
    standard: "all",
    learner: [
      "inventory-unhealthy",
      "billing-unhealthy",
      "api-errors-sudden",
      "orders-age",
      "orders-held-back",
      "orders-dead-letters",
      "inventory-database-storage",
      "balancer-certificate",
    ],
    why: "each is $0.10 a month for each metric that it reads, of which an account has ten for free; the few are about what does not mend itself",
  },
  hasOwnKeys: {
    hardened: true,
    standard: true,
    learner: false,
    why: "a key whose policy and rotation are the stage's own is $1 a month; the key that AWS manages encrypts a database as well, and the topic of alarms does without",
  },
  probeMinutes: {
    hardened: 1,
    standard: 1,
    learner: 5,
    why: "the status page is then at most a minute old, for $1.60 a month; every five minutes it is $0.30",
  },
  tunnelHours: {
    hardened: 0,
    standard: 8,
    learner: 8,
    why: "a laptop must not query prod's databases; elsewhere a working day, after which a forgotten tunnel has cost 10 cents and ends",
  },
};

export function settingsOf(preset: Preset): StageSettings {
  const entries = Object.entries(PRESET_TABLE).map(([setting, row]) => [setting, row[preset]]);
  return Object.fromEntries(entries);
}
