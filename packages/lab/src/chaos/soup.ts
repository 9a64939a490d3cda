import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import type { Lab } from "./lab.ts";
import { visibilitySeconds } from "./queues.ts";
import { randomFrom } from "./random.ts";
import type { Trouble } from "./tcp-proxy.ts";

/** The longest time between the beginnings of two faults; some last longer, so that they overlap. */
const PAUSE_SECONDS_MAX = 3;
/** The shortest time between the end of one fault and the beginning of the next in the same place. */
const PAUSE_SECONDS_MIN = 0.2;
const LASTS_SECONDS = { min: 0.5, max: 6 };
/** The messages of a killed bridge come back after this time; AWS's 180 s would only make the run longer. */
export const VISIBILITY_SECONDS = 20;

interface Ingredient {
  name: string;
  /** Absent for a fault that is over at once. */
  lasts?: true;
  /** A place that can have only one fault at a time. */
  place?: string;
  do(lab: Lab, seconds: number): Promise<void>;
}

export const kill = (name: string, victim: (lab: Lab) => Parameters<Lab["kill"]>[0]): Ingredient => ({
  name: `kill -9 ${name}`,
  do: (lab) => lab.kill(victim(lab)),
});
const freeze = (name: string, victim: (lab: Lab) => Parameters<Lab["kill"]>[0]): Ingredient => ({
  name: `freeze ${name}`,
  lasts: true,
  do: (lab, seconds) => lab.freeze(victim(lab), seconds),
});
const disturb = (server: "broker" | "ordersDatabase", trouble: Trouble): Ingredient => ({
  name: `${trouble.kind} before ${server === "broker" ? "rabbitmq" : "orders database"}`,
  lasts: true,
  place: `network before ${server}`,
  async do(lab, seconds) {
    await lab[server].proxy.suffer(trouble);
    await sleep(seconds * 1_000);
    await lab[server].proxy.suffer({ kind: "none" });
  },
});

const TROUBLES: readonly Trouble[] = [
  { kind: "latency", milliseconds: 300 },
  { kind: "black-hole" },
  { kind: "reset" },
  { kind: "cut" },
  { kind: "bandwidth", bytesPerSecond: 20_000 },
];

export const SOUP_INGREDIENTS: readonly Ingredient[] = [
  ...["gateway", "inventory", "order-bridge", "billing"].flatMap((part) => [
    kill(part, () => part),
    // A frozen gateway does not answer: on AWS that is a function that is ended after 10 s.
    ...(part === "gateway" ? [] : [freeze(part, () => part)]),
  ]),
  kill("rabbitmq", (lab) => lab.broker),
  kill("orders database", (lab) => lab.ordersDatabase),
  freeze("rabbitmq", (lab) => lab.broker),
  freeze("orders database", (lab) => lab.ordersDatabase),
  ...TROUBLES.flatMap((trouble) => [disturb("broker", trouble), disturb("ordersDatabase", trouble)]),
  {
    name: "lock the table orders",
    lasts: true,
    async do({ sql }, seconds) {
      await sql
        .begin(async (transaction) => {
          await transaction`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`;
          await sleep(seconds * 1_000);
        })
        // The session itself may be killed meanwhile, which unlocks the table too.
        .catch(() => {});
    },
  },
];

interface Step {
  atSeconds: number;
  forSeconds: number;
  ingredient: Ingredient;
}

/** The faults with their times, for this many seconds: the same for the same seed. */
export function recipe(seed: number, seconds: number, ingredients = SOUP_INGREDIENTS): Step[] {
  const random = randomFrom(seed);
  const steps: Step[] = [];
  const busyUntil = new Map<string, number>();
  for (let at = 0; at < seconds; at += random() * PAUSE_SECONDS_MAX) {
    const ingredient = ingredients[Math.floor(random() * ingredients.length)];
    const { min, max } = LASTS_SECONDS;
    const forSeconds = min + random() * (max - min);
    if (!ingredient) continue;
    const { name, place = name } = ingredient;
    // The same fault twice at once would be one fault, and a network can have one fault at a time.
    if (at < (busyUntil.get(place) ?? 0)) continue;
    busyUntil.set(place, at + forSeconds + PAUSE_SECONDS_MIN);
    steps.push({ atSeconds: at, forSeconds, ingredient });
  }
  return steps;
}

/** One line for each step, so that a person can see the faults of a seed. */
export function describeStep({ atSeconds, forSeconds, ingredient }: Step): string {
  const duration = ingredient.lasts ? ` for ${forSeconds.toFixed(1)} s` : "";
  return `${atSeconds.toFixed(1).padStart(6)} s  ${ingredient.name}${duration}`;
}

/** A random mix of overlapping faults. The seed decides which and when; it does not decide what the system is doing at that moment. */
export function soup(seed: number, seconds: number): Fault {
  return {
    name: `soup --seed ${seed} --seconds ${seconds}`,
    hypothesis:
      "Any process or network may die or freeze, in any order and at the same time: no order is lost or doubled.",
    injection: `${recipe(seed, seconds).length} overlapping faults of seed ${seed}`,
    promises: ["R5"],
    isFast: false,
    mayRefuse: { orders: true, reads: true },
    isForBothLanes: true,
    // The last fault may have been a freeze.
    recoverySecondsMax: 30,
    // Until everything is at rest: a message that the bridge cannot delete or return in time waits that long, also after the last fault.
    prepare: (lab) => visibilitySeconds(lab, VISIBILITY_SECONDS),
    inject: (lab) => injectSteps(lab, recipe(seed, seconds)),
  };
}

/** Resolves once all of them are over. */
export async function injectSteps(lab: Lab, steps: readonly Step[]): Promise<void> {
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  for (const { atSeconds, forSeconds, ingredient } of steps) {
    await sleep(Math.max(0, startedAt + atSeconds * 1_000 - performance.now()));
    const step = ingredient.do(lab, forSeconds);
    // A failure is thrown by the wait for all steps; until then it must not count as unhandled.
    step.catch(() => {});
    underWay.push(step);
  }
  await Promise.all(underWay);
}
