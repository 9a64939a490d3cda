/** The settings in which stages differ. */
export interface StageSettings {
  zones: 2 | 3;
  natGateways: number;
  flowLogTraffic: "ALL" | "REJECT";
  databaseServers: 1 | 2;
  databaseInstance: "t4g.micro" | "t4g.small" | "m7g.large";
  databaseConnectionsMax: number;
  /** RDS adds storage up to this size, and each GB is paid from then on: storage never shrinks. */
  databaseStorageGbMax: number;
  isDatabaseMultiAz: boolean;
  backupDays: number;
  /** How long another region keeps a copy of the backups; 0 means no copy of backups, nor of the key of the order ids. */
  copyDays: number;
  brokerInstance: "mq.m7g.medium" | "mq.m7g.large";
  brokerMode: "SINGLE_INSTANCE" | "CLUSTER_MULTI_AZ";
  inventoryTasks: TaskRange;
  billingTasks: TaskRange;
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
  budgetUsdMonthly: number;
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
 * Every difference between the stages, with the reason for each value: `prod` is highly available, every other stage is cheap. Other than that,
 * the stacks use the stage's name only to keep names apart. Zones, servers and the broker's mode are for new stages only: their resources have
 * fixed names, under which CloudFormation cannot replace them.
 */
export const STAGE_TABLE: {
  [Setting in keyof StageSettings]: {
    prod: StageSettings[Setting];
    other: StageSettings[Setting];
    why: string;
  };
} = {
  zones: {
    prod: 3,
    other: 2,
    why: "three broker nodes keep a majority only over three zones; the balancer and RDS ask for two",
  },
  natGateways: {
    prod: 3,
    other: 1,
    why: "one for each zone ($36.50 a month each), so that a lost zone does not cut off another; elsewhere one is enough, as no real orders are lost",
  },
  flowLogTraffic: {
    prod: "ALL",
    other: "REJECT",
    why: "accepted traffic is what an investigation needs; refused traffic shows a missing rule and costs next to nothing",
  },
  databaseServers: {
    prod: 2,
    other: 1,
    why: "the services fail independently; elsewhere both databases share a server and a proxy, which saves $36 a month",
  },
  databaseInstance: {
    prod: "t4g.small",
    other: "t4g.micro",
    why: "2 GB for the database pages that are read again and again; 1 GB is the smallest",
  },
  databaseConnectionsMax: {
    prod: 200,
    other: 100,
    why: "ten for each task at its maximum, twice while a deployment replaces them, within the 90 % that the proxy takes; each needs 2 to 5 MB",
  },
  databaseStorageGbMax: {
    prod: 1_000,
    other: 100,
    why: "an order takes 350 bytes, so 100 orders a second fill 3 GB a day, and 1,000 GB in eleven months, then at $230 a month; elsewhere a month of load tests, at $12",
  },
  isDatabaseMultiAz: {
    prod: true,
    other: false,
    why: "a standby takes over in 1 to 2 minutes without a lost commit; it doubles the instance's price",
  },
  backupDays: {
    prod: 14,
    other: 1,
    why: "as long as SQS keeps an order, so that a backup and the queue overlap; the least that still allows a restore",
  },
  copyDays: {
    prod: 7,
    other: 0,
    why: "a lost region takes its own backups along, and a copy must outlive the days of waiting for its return, since it expires without its source; elsewhere no real orders are lost",
  },
  brokerInstance: {
    prod: "mq.m7g.large",
    other: "mq.m7g.medium",
    why: "the smallest that AWS calls fit for production ($200 a month each); the smallest there is ($100)",
  },
  brokerMode: {
    prod: "CLUSTER_MULTI_AZ",
    other: "SINGLE_INSTANCE",
    why: "three nodes stay up through the weekly maintenance; a single one is away for up to two hours, in which SQS keeps the orders",
  },
  inventoryTasks: {
    prod: { min: 2, max: 6 },
    other: { min: 1, max: 2 },
    why: "two, so that a lost zone or task is no outage; the maximum keeps within the database's connections",
  },
  billingTasks: {
    prod: { min: 2, max: 6 },
    other: { min: 1, max: 2 },
    why: "as for inventory",
  },
  isBillingOnSpot: {
    prod: false,
    other: true,
    why: "Spot costs up to 70 % less and may end a task at two minutes' notice, which delays some orders and loses none",
  },
  orderGatewayConcurrency: {
    prod: 300,
    other: undefined,
    why: "what the throttle lets through while every instance still starts: a burst of 200, and 100 in a second's cold start; warm, it is 1,000 orders a second of 300 ms; a new account has 10 in all, of which nothing can be reserved",
  },
  gatewayConcurrency: {
    prod: 500,
    other: undefined,
    why: "5,000 reads a second of 100 ms each; however many wait for a frozen inventory, 200 of an account's 1,000 remain for bridge, sign-in and probe",
  },
  gatewayRollout: {
    prod: "CANARY_10PERCENT_10MINUTES",
    other: "ALL_AT_ONCE",
    why: "a tenth of the callers try a new version while its alarm needs up to six minutes to ring, and CodeDeploy's next shorter time is five minutes; elsewhere the smoke test follows at once",
  },
  keepsData: {
    prod: true,
    other: false,
    why: "deletion protection and a last snapshot; any other stage must be deleted completely",
  },
  logRetentionDays: {
    prod: 90,
    other: 7,
    why: "a quarter, long enough to look back after an incident; a week of work",
  },
  logLevel: {
    prod: "info",
    other: "debug",
    why: "each order's way and every failure; a developer needs all lines",
  },
  traceShare: {
    prod: 0.1,
    other: 1,
    why: "a million orders would be some $5 of traces if all were kept, and the log names each order's hops anyway; little traffic, all of it worth a look",
  },
  dashboards: {
    prod: ["overview", "gateway", "inventory", "billing", "cost"],
    other: ["overview"],
    why: "all of them where operators are on call; an account has three for free, and each further one is $3 a month",
  },
  corsOrigins: {
    prod: [],
    other: ["http://localhost:3000"],
    why: "the site shares its origin with the API and needs none; a page under development is on a laptop",
  },
  tunnelHosts: {
    prod: [],
    other: ["localhost"],
    why: "further names in the balancer's certificate: a developer's tunnel ends at one of them, and the client checks it",
  },
  budgetUsdMonthly: {
    prod: 1_200,
    other: 290,
    why: "the idle month computed in docs/cost.md and some 15 to 30 % above it",
  },
  tunnelHours: {
    prod: 0,
    other: 8,
    why: "a laptop must not query prod's databases; elsewhere a working day, after which a forgotten tunnel has cost 10 cents and ends",
  },
};

export const PROD = "prod";

export function settingsOf(stage: string): StageSettings {
  const column = stage === PROD ? "prod" : "other";
  const entries = Object.entries(STAGE_TABLE).map(([setting, row]) => [setting, row[column]]);
  return Object.fromEntries(entries);
}
