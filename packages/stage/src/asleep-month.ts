import type { BillLine } from "./bill/bill.ts";
import type { Part } from "./bill/charge.ts";
import type { StageSettings } from "./settings.ts";

/** The parts of a stage that fall asleep by themselves, as `packages/functions/src/sleeper` has them. */
export type SleepingPart = "probe" | "queues" | "services" | "broker" | "server" | "nat";

/** A line of the bill, awake and asleep, each for a whole month. */
export interface AsleepLine {
  part: string;
  awakeUsd: number;
  asleepUsd: number;
  /** Its price is due while this part runs; absent if it is due always. */
  runsWith?: SleepingPart;
  /** Why it costs that while the stage sleeps. */
  because: string;
}

/** The lines that stop, each with the part that it stops with and the reason. All others are billed for as long as they exist. */
const STOPS: Partial<Record<Part, readonly [SleepingPart, string]>> = {
  PostgreSQL: ["server", "stopped; AWS starts it after seven days, and it is stopped again within minutes"],
  Services: ["services", "no task runs"],
  "Services on Spot": ["services", "no task runs"],
  "Metrics of our own": ["services", "billed by the hour in which they are reported"],
  "Status probe": ["probe", "its schedule is off"],
  "Polls of SQS": ["queues", "the queues are not asked"],
  Logs: ["services", "nothing writes"],
};

/** The lines that stop in some stages only: a service that AWS keeps up cannot. */
const STOPS_IF: Partial<
  Record<
    Part,
    { isOwn: (settings: StageSettings) => boolean; own: readonly [SleepingPart, string]; kept: string }
  >
> = {
  NAT: {
    isOwn: ({ nat }) => nat === "instance",
    own: ["nat", "stopped"],
    kept: "a NAT gateway cannot be stopped",
  },
  // The address of an instance is given back when it stops.
  "Public addresses": {
    isOwn: ({ nat }) => nat === "instance",
    own: ["nat", "given back"],
    kept: "belongs to a gateway",
  },
  RabbitMQ: {
    isOwn: ({ brokerInstance }) => brokerInstance === "container",
    own: ["broker", "no task runs; its messages stay on its disk"],
    kept: "Amazon MQ cannot be stopped",
  },
};
const KEPT: Partial<Record<Part, string>> = {
  Balancer: "cannot be stopped",
  "RDS Proxy": "billed while its server is stopped",
  "PostgreSQL's disk": "holds the data",
  Secrets: "billed while they exist",
};
const DISK = /\bGB\b/;

/** A month of a stage that sleeps all the time, line by line from a month awake without requests. */
export function asleepMonth(
  lines: readonly Pick<BillLine, "part" | "unit" | "usdMonthly">[],
  settings: StageSettings,
): AsleepLine[] {
  return lines
    .filter(({ usdMonthly }) => usdMonthly > 0)
    .map(({ part, unit, usdMonthly: awakeUsd }) => {
      if (part === "NAT" && DISK.test(unit)) {
        return { part, awakeUsd, asleepUsd: awakeUsd, because: "a stopped instance keeps its disk" };
      }
      const some = STOPS_IF[part];
      const stopped = STOPS[part] ?? (some?.isOwn(settings) ? some.own : undefined);
      if (stopped !== undefined) {
        const [runsWith, because] = stopped;
        return { part, awakeUsd, asleepUsd: 0, runsWith, because };
      }
      return { part, awakeUsd, asleepUsd: awakeUsd, because: some?.kept ?? KEPT[part] ?? "stays" };
    });
}
