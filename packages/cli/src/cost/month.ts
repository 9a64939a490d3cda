import type { Part } from "@cloud-design/functions/sleeper/converge";
import { AWAKE, type Evening, type SleepRequest } from "@cloud-design/functions/sleeper/protocol";
import { sleeper } from "@cloud-design/functions/sleeper/sleeper";
import type { AsleepLine, SleepingPart } from "@cloud-design/stage/asleep-month";
import { HOURS_A_MONTH } from "@cloud-design/stage/prices";

/** When a stage sleeps in a month. */
export interface Plan {
  name: string;
  /** A command that is typed in this minute. */
  typed(at: Date): SleepRequest | undefined;
}

/** Monday morning. */
const FIRST_MINUTE = Date.parse("2026-06-01T08:00:00Z");
const MINUTE_MS = 60_000;
const EVENING: Evening = { at: "20:00", zone: "UTC" };
const MORNING_HOUR = 8;
/** The schedule of the sleeper (`stacks/sleep.ts`). A command that waits asks more often. */
const SCHEDULE_MINUTES = 5;
const WEEK_MINUTES = 7 * 24 * 60;

const isFirst = (at: Date) => at.getTime() === FIRST_MINUTE;
const isMorning = (at: Date) => at.getUTCHours() === MORNING_HOUR && at.getUTCMinutes() === 0;
const isWorkday = (at: Date) => at.getUTCDay() >= 1 && at.getUTCDay() <= 5;
const everyEvening = (wakes: (at: Date) => boolean) => (at: Date) => {
  if (isFirst(at)) return { evening: EVENING };
  return isMorning(at) && wakes(at) ? ({ wanted: "awake" } as const) : undefined;
};
export const PLANS: readonly Plan[] = [
  { name: "awake", typed: () => undefined },
  { name: "asleep each night", typed: everyEvening(() => true) },
  { name: "asleep at nights and weekends", typed: everyEvening(isWorkday) },
  { name: "asleep", typed: (at) => (isFirst(at) ? { wanted: "asleep" } : undefined) },
];

/** Minutes, as docs/sleep.md counts them. A server that stays stopped is started by AWS after `stays`. */
interface Times {
  stops: number;
  starts: number;
  stays?: number;
}
const TIMES: Readonly<Record<SleepingPart, Times>> = {
  probe: { stops: 0, starts: 0 },
  queues: { stops: 1, starts: 1 },
  services: { stops: 2, starts: 2 },
  broker: { stops: 2, starts: 5 },
  server: { stops: 5, starts: 7, stays: WEEK_MINUTES },
  nat: { stops: 1, starts: 1 },
};
/** In the order of `packages/functions/src/sleeper/lambda.ts`. */
const GROUPS: readonly (readonly SleepingPart[])[] = [
  ["probe"],
  ["queues"],
  ["services"],
  ["broker"],
  ["server", "nat"],
];

/** How long each part ran in each hour of the month: 730 shares between 0 and 1. */
export type RunningHours = Readonly<Record<SleepingPart, readonly number[]>>;

/** Lives through a month of a plan, minute by minute, with the sleeper of the stage and parts that need their time. */
export async function liveMonth({ typed }: Plan): Promise<RunningHours> {
  let minute = 0;
  const now = () => minute;
  const parts = Object.entries(TIMES).map(([name, times]) => simulatedPart(name, times, now));
  const named = new Map(parts.map((part) => [part.name, part]));
  const groups = GROUPS.map((group) => group.flatMap((name) => named.get(name) ?? []));
  const running = Object.fromEntries(parts.map(({ name }) => [name, new Array(HOURS_A_MONTH).fill(0)]));
  let state = AWAKE;
  const deps = {
    state: {
      read: async () => state,
      write: async (next: typeof state) => {
        state = next;
      },
    },
    groups: () => groups,
    now: () => new Date(FIRST_MINUTE + minute * MINUTE_MS),
  };
  let isCommandWaiting = false;
  for (; minute < HOURS_A_MONTH * 60; minute++) {
    const request = typed(deps.now());
    if (request || isCommandWaiting || minute % SCHEDULE_MINUTES === 0) {
      const answer = await sleeper(deps, request ?? {});
      isCommandWaiting = (isCommandWaiting || request !== undefined) && !answer.state.isSettled;
    }
    for (const part of parts) {
      const hours = running[part.name] ?? [];
      if (part.isRunning()) hours[Math.floor(minute / 60)] += 1 / 60;
    }
  }
  return running as Record<SleepingPart, number[]>;
}

/** The bill so far at the end of each hour, in USD: a part that sleeps is billed for the minutes in which it runs. */
export function billedByHour(lines: readonly AsleepLine[], running: RunningHours): number[] {
  let usd = 0;
  return Array.from({ length: HOURS_A_MONTH }, (_, hour) => {
    for (const { awakeUsd, runsWith } of lines) {
      const share = runsWith === undefined ? 1 : (running[runsWith][hour] ?? 0);
      usd += (share * awakeUsd) / HOURS_A_MONTH;
    }
    return usd;
  });
}

function simulatedPart(name: string, { stops, starts, stays = Infinity }: Times, now: () => number) {
  let state = "running";
  /** The minute in which the state changes by itself. */
  let until = Infinity;
  const become = (next: string, minutes: number) => {
    state = next;
    until = now() + minutes;
    look();
  };
  const look = () => {
    if (now() < until) return;
    if (state === "stopping") become("stopped", stays);
    else if (state === "stopped") become("starting", starts);
    else become("running", Infinity);
  };
  return {
    name,
    isRunning() {
      look();
      return state !== "stopped";
    },
    async step(wanted) {
      look();
      if (wanted === "asleep" && state === "running") become("stopping", stops);
      if (wanted === "awake" && state === "stopped") become("starting", starts);
      return { state, isDone: state === (wanted === "asleep" ? "stopped" : "running") };
    },
  } satisfies Part & { isRunning(): boolean };
}
