import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import type { Lab } from "./lab.ts";
import { visibilitySeconds } from "./queues.ts";
import { randomFrom } from "./random.ts";
import type { Trouble } from "./tcp-proxy.ts";

/** Between the beginnings of two; some last longer, so that they overlap. */
const PAUSE_SECONDS_MAX = 3;
/** Between the end of one and the beginning of the next in the same place. */
const PAUSE_SECONDS_MIN = 0.2;
const LASTS_SECONDS = { min: 0.5, max: 6 };
/** What a killed bridge held comes back after it; 180 s as on AWS would only make the run longer. */
const VISIBILITY_SECONDS = 20;

interface Ingredient {
  name: string;
  /** Nothing for what is over at once. */
  lasts?: true;
  /** Where only one thing can be wrong at a time. */
  place?: string;
  do(lab: Lab, seconds: number): Promise<void>;
}

const kill = (name: string, victim: (lab: Lab) => Parameters<Lab["kill"]>[0]): Ingredient => ({
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

const INGREDIENTS: readonly Ingredient[] = [
  ...["gateway", "inventory", "order-bridge", "billing"].flatMap((part) => [
    kill(part, () => part),
    // A frozen gateway answers nobody: on AWS that is a function that is ended after 10 s.
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
        // The session may be among what is killed meanwhile, which unlocks the table too.
        .catch(() => {});
    },
  },
];

interface Step {
  atSeconds: number;
  forSeconds: number;
  ingredient: Ingredient;
}

/** What happens when, for so many seconds: the same for the same seed. */
export function recipe(seed: number, seconds: number): Step[] {
  const random = randomFrom(seed);
  const steps: Step[] = [];
  const busyUntil = new Map<string, number>();
  for (let at = 0; at < seconds; at += random() * PAUSE_SECONDS_MAX) {
    const ingredient = INGREDIENTS[Math.floor(random() * INGREDIENTS.length)];
    const { min, max } = LASTS_SECONDS;
    const forSeconds = min + random() * (max - min);
    if (!ingredient) continue;
    const { name, place = name } = ingredient;
    // The same thing twice at once is the same thing, and a network has one trouble at a time.
    if (at < (busyUntil.get(place) ?? 0)) continue;
    busyUntil.set(place, at + forSeconds + PAUSE_SECONDS_MIN);
    steps.push({ atSeconds: at, forSeconds, ingredient });
  }
  return steps;
}

/** One line for each step, for whoever wants to know what a seed does. */
export function describeStep({ atSeconds, forSeconds, ingredient }: Step): string {
  const duration = ingredient.lasts ? ` for ${forSeconds.toFixed(1)} s` : "";
  return `${atSeconds.toFixed(1).padStart(6)} s  ${ingredient.name}${duration}`;
}

/** A random mix of faults that overlap. Which, and when, is in the seed; what the system is doing just then is not. */
export function soup(seed: number, seconds: number): Fault {
  return {
    name: `soup --seed ${seed} --seconds ${seconds}`,
    hypothesis:
      "Whatever dies, freezes or goes deaf, in any order and at once: nothing is lost, nothing doubled.",
    injection: `${recipe(seed, seconds).length} faults by the seed ${seed}, which overlap`,
    promises: ["R5"],
    isFast: false,
    mayRefuse: { orders: true, reads: true },
    // The last of them may have been a freeze.
    recoverySecondsMax: 30,
    async inject(lab) {
      await using _visibility = await visibilitySeconds(lab, VISIBILITY_SECONDS);
      const startedAt = performance.now();
      const underWay: Promise<void>[] = [];
      for (const { atSeconds, forSeconds, ingredient } of recipe(seed, seconds)) {
        await sleep(Math.max(0, startedAt + atSeconds * 1_000 - performance.now()));
        const step = ingredient.do(lab, forSeconds);
        // Whoever waits for all of them hears of it; until then nobody does.
        step.catch(() => {});
        underWay.push(step);
      }
      await Promise.all(underWay);
    },
  };
}
