import { type Minute, type Policy, type Service, simulate } from "./target-tracking.ts";

/** The service with one setting changed, and what became of the same load. */
export interface Variant {
  name: string;
  minutes: readonly Minute[];
  taskHours: number;
  tasksMax: number;
  waitSecondsMax: number;
  /** The share of all requests that were refused. */
  refusedShare: number;
}

export interface Load {
  /** Arriving requests a second, in each minute. */
  perSecond: readonly number[];
  requestMs: number;
}

/** Both targets are turned together, each way; the steps for a rush stay. */
const TARGET_FACTORS = [0.5, 1, 1.5];
const SHORT_COOLDOWN_SECONDS = 60;

/** The service as it is set in the middle of its other targets, then with its other settings changed one by one. */
export function variantsOf(service: Service, load: Load): Variant[] {
  const changed = [
    ...TARGET_FACTORS.map((factor) =>
      withPolicies(service, (policy) => ({ ...policy, target: policy.target * factor })),
    ).map((other): [string, Service] => [nameOf(other), other]),
    [
      `as set, a cooldown of ${SHORT_COOLDOWN_SECONDS} s`,
      withPolicies(service, (policy) => ({ ...policy, scaleOutCooldownSeconds: SHORT_COOLDOWN_SECONDS })),
    ] satisfies [string, Service],
    [`as set, at least ${service.min + 1} tasks`, { ...service, min: service.min + 1 }] satisfies [
      string,
      Service,
    ],
    ["as set, without its steps for a rush", { ...service, stepPolicies: [] }] satisfies [string, Service],
  ] as const;
  return changed.map(([name, other]) => variant(name, other, load));
}

function variant(name: string, service: Service, { perSecond, requestMs }: Load): Variant {
  const minutes = simulate(service, perSecond, requestMs);
  const sum = (of: (minute: Minute) => number) => minutes.reduce((total, minute) => total + of(minute), 0);
  return {
    name,
    minutes,
    taskHours: sum(({ tasks }) => tasks) / 60,
    tasksMax: Math.max(...minutes.map(({ tasks }) => tasks)),
    waitSecondsMax: Math.max(...minutes.map(({ waitSeconds }) => waitSeconds)),
    refusedShare: sum(({ refused }) => refused) / (60 * sum(({ perSecond: rate }) => rate)),
  };
}

function withPolicies(service: Service, change: (policy: Policy) => Policy): Service {
  return { ...service, policies: service.policies.map(change) };
}

const RUSH_MINUTES = { before: 15, after: 30 };

/**
 * Callers who become ten times as many within 30 s, up to what the largest fleet takes at its targets. The minute in
 * which they rise has half of it at that rate.
 */
export function rushOf(fullPerSecond: number, requestMs: number): Load & { risesAt: number } {
  const [low, high] = [fullPerSecond / 10, fullPerSecond];
  const { before, after } = RUSH_MINUTES;
  const rising = ((low + high) / 2 + high) / 2;
  const perSecond = [...Array<number>(before).fill(low), rising, ...Array<number>(after - 1).fill(high)];
  return { perSecond, requestMs, risesAt: before };
}

/** The seconds from the rise of the load until so many tasks run; undefined when they never do. */
export function secondsUntil({ minutes }: Variant, tasks: number, risesAt: number): number | undefined {
  const at = minutes.findIndex((minute, index) => index >= risesAt && minute.tasks >= tasks);
  return at === -1 ? undefined : (at - risesAt) * 60;
}

/** "60 %, 12,000 a minute". */
function nameOf({ policies }: Service): string {
  return policies
    .map(({ metric, target }) =>
      metric === "processor" ? `${target} %` : `${target.toLocaleString("en")} a minute`,
    )
    .join(", ");
}
