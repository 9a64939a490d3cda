import { type Minute, type Policy, type Service, simulate } from "./target-tracking.ts";

/** The service with one setting changed, and what became of the same load. */
export interface Variant {
  name: string;
  minutes: readonly Minute[];
  taskHours: number;
  tasksMax: number;
  waitSecondsMax: number;
  /** The share of all requests whose callers gave up. */
  tooLateShare: number;
}

export interface Load {
  /** Arriving requests a second, in each minute. */
  perSecond: readonly number[];
  requestMs: number;
}

/** Both targets are turned together, each way. */
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
    tooLateShare: sum(({ tooLate }) => tooLate) / (60 * sum(({ perSecond: rate }) => rate)),
  };
}

function withPolicies(service: Service, change: (policy: Policy) => Policy): Service {
  return { ...service, policies: service.policies.map(change) };
}

/** "60 %, 12,000 a minute". */
function nameOf({ policies }: Service): string {
  return policies
    .map(({ metric, target }) =>
      metric === "processor" ? `${target} %` : `${target.toLocaleString("en")} a minute`,
    )
    .join(", ");
}
