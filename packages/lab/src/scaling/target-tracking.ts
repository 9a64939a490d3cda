/** One target tracking policy. Its metric is a service's average CPU in percent, or its requests a minute for each task. */
export interface Policy {
  metric: "processor" | "requests";
  target: number;
  scaleOutCooldownSeconds: number;
  scaleInCooldownSeconds: number;
}

/** A step scaling policy: an alarm over a metric, and by how much the tasks grow. It only adds tasks. */
export interface StepPolicy {
  metric: Policy["metric"];
  /** The alarm rings after so many values of at least this. */
  threshold: number;
  periods: number;
  cooldownSeconds: number;
  /** In rising order, from 0: the percentage that is added when the value is at least so far above the threshold. */
  steps: readonly { above: number; percent: number }[];
}

export interface Service {
  min: number;
  max: number;
  /** The processor time that a task may use in a second of the clock, in milliseconds. */
  taskMsPerSecond: number;
  policies: readonly Policy[];
  stepPolicies: readonly StepPolicy[];
}

export interface Minute {
  /** Arriving requests a second. */
  perSecond: number;
  /** Running tasks. */
  tasks: number;
  /** Requests that wait at the end of the minute, beyond those that are being answered. */
  waiting: number;
  /** The longest wait of its requests, in seconds, before a task takes them. */
  waitSeconds: number;
  /** Requests that the tasks refused, because too many waited. */
  refused: number;
}

/** CloudWatch's alarms of a target tracking policy: periods of a minute ("How target tracking scaling works", Application Auto Scaling). */
const OUT_PERIODS = 3;
const IN_PERIODS = 15;
/** The alarm for scaling in rings below this share of the target, so that the number of tasks does not swing. */
const IN_SHARE = 0.9;
/** From the decision to the first request: pulling the image, starting, two passed health checks. */
const START_MINUTES = 1;
/** A request may wait so long for its turn (docs/how/databases.md). */
const WAIT_SECONDS = 1;

/** The service between two minutes. */
interface State {
  tasks: number;
  desired: number;
  /** Decided, and not in effect yet: how many tasks run from which minute on. */
  pending: { from: number; tasks: number }[];
  waiting: number;
  history: { processor: number[]; requests: number[] };
  /** The last increase outside a cooldown: its minute, and the tasks before it. */
  increase?: { at: number; from: number };
  lastChangeAt: number;
}

/**
 * The tasks of a service, minute by minute, under a load of requests of equal cost. It begins with the tasks that the first minute needs.
 *
 * Assumptions, where the documentation is silent: an increase within a cooldown does not begin another one; scaling out takes the metric of
 * the latest minute; scaling in removes one task at a time, but never one whose end would bring a metric over its target; a metric is known
 * when its minute is over.
 */
export function simulate(service: Service, perSecond: readonly number[], requestMs: number): Minute[] {
  const tasks = tasksFor(service, perSecond[0] ?? 0, requestMs);
  const state: State = {
    tasks,
    desired: tasks,
    pending: [],
    waiting: 0,
    history: { processor: [], requests: [] },
    lastChangeAt: -Infinity,
  };
  return perSecond.map((rate, minute) => {
    state.tasks = state.pending.findLast(({ from }) => from <= minute)?.tasks ?? state.tasks;
    const passed = passMinute(service, state, rate, requestMs);
    decide(service, state, minute);
    return passed;
  });
}

/** The tasks that keep each policy at its target. */
function tasksFor({ min, max, taskMsPerSecond, policies }: Service, perSecond: number, requestMs: number) {
  const wanted = policies.map(({ metric, target }) =>
    metric === "requests"
      ? (perSecond * 60) / target
      : (perSecond * requestMs) / ((taskMsPerSecond * target) / 100),
  );
  return within(min, Math.ceil(Math.max(...wanted)), max);
}

/** Lets the tasks work through what waits and what arrives, at an even pace. */
function passMinute(
  { taskMsPerSecond }: Service,
  state: State,
  perSecond: number,
  requestMs: number,
): Minute {
  const capacity = (state.tasks * taskMsPerSecond) / requestMs;
  const wanted = state.waiting + perSecond * 60;
  const served = Math.min(wanted, capacity * 60);
  const rest = wanted - served;
  const before = state.waiting;
  state.waiting = Math.min(rest, capacity * WAIT_SECONDS);
  state.history.processor.push((100 * served) / (capacity * 60));
  state.history.requests.push((perSecond * 60) / state.tasks);
  return {
    perSecond,
    tasks: state.tasks,
    waiting: state.waiting,
    waitSeconds: Math.max(before, state.waiting) / capacity,
    refused: rest - state.waiting,
  };
}

/** The largest wish counts; tasks are removed only when every policy allows it. */
function decide(service: Service, state: State, minute: number): void {
  const { policies, stepPolicies, min, max } = service;
  const outs = [
    ...policies.flatMap((policy) => wishOut(policy, state, minute) ?? []),
    ...stepPolicies.flatMap((policy) => wishStep(policy, state, minute) ?? []),
  ];
  if (outs.length > 0) {
    const desired = within(min, Math.max(...outs), max);
    if (desired > state.desired) increase(service, state, desired, minute);
    return;
  }
  // A step policy only adds.
  const isLow = policies.length > 0 && policies.every((policy) => allowsIn(policy, state, minute));
  const least = Math.max(min, ...policies.map((policy) => neededFor(policy, state)));
  if (isLow && state.desired > least) change(state, state.desired - 1, minute);
}

/** Within the cooldown the wish counts from the tasks before the increase: only what exceeds that is added. */
function wishOut(
  { metric, target, scaleOutCooldownSeconds }: Policy,
  state: State,
  minute: number,
): number | undefined {
  const latest = state.history[metric].slice(-OUT_PERIODS);
  const isHigh = latest.length === OUT_PERIODS && latest.every((value) => value > target);
  if (!isHigh) return undefined;
  return cooled(neededFor({ metric, target }, state), scaleOutCooldownSeconds, state, minute);
}

/** Application Auto Scaling rounds a percentage down, but to one task at least. */
function wishStep(
  { metric, threshold, periods, cooldownSeconds, steps }: StepPolicy,
  state: State,
  minute: number,
): number | undefined {
  const latest = state.history[metric].slice(-periods);
  const isHigh = latest.length === periods && latest.every((value) => value >= threshold);
  const percent = steps.findLast(({ above }) => (latest.at(-1) ?? 0) - threshold >= above)?.percent ?? 0;
  if (!isHigh || percent <= 0) return undefined;
  const added = Math.max(1, Math.floor((state.tasks * percent) / 100));
  return cooled(state.tasks + added, cooldownSeconds, state, minute);
}

function cooled(wanted: number, cooldownSeconds: number, state: State, minute: number): number {
  const { at, from } = state.increase ?? { at: -Infinity, from: 0 };
  const isCooling = (minute - at) * 60 < cooldownSeconds;
  return isCooling ? from + wanted - state.tasks : wanted;
}

/** The tasks that would have kept the metric of the latest minute at its target. */
function neededFor({ metric, target }: Pick<Policy, "metric" | "target">, { tasks, history }: State): number {
  return Math.ceil((tasks * (history[metric].at(-1) ?? 0)) / target);
}

function allowsIn({ metric, target, scaleInCooldownSeconds }: Policy, state: State, minute: number): boolean {
  const latest = state.history[metric].slice(-IN_PERIODS);
  const isLow = latest.length === IN_PERIODS && latest.every((value) => value < target * IN_SHARE);
  return isLow && (minute - state.lastChangeAt) * 60 >= scaleInCooldownSeconds;
}

function increase({ policies, stepPolicies }: Service, state: State, desired: number, minute: number): void {
  const cooldown = Math.min(
    ...policies.map(({ scaleOutCooldownSeconds }) => scaleOutCooldownSeconds),
    ...stepPolicies.map(({ cooldownSeconds }) => cooldownSeconds),
  );
  if ((minute - (state.increase?.at ?? -Infinity)) * 60 >= cooldown)
    state.increase = { at: minute, from: state.tasks };
  change(state, desired, minute);
}

/** Tasks start in a minute, and stop at once. */
function change(state: State, desired: number, minute: number): void {
  const isOut = desired > state.desired;
  state.pending.push({ from: minute + 1 + (isOut ? START_MINUTES : 0), tasks: desired });
  state.desired = desired;
  state.lastChangeAt = minute;
}

function within(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
