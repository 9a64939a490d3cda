/** A stretch of a scenario with one rate of arrivals. */
export interface Phase {
  name: string;
  perSecond: number;
  seconds: number;
}

export interface Size {
  /** The highest rate of the scenario. */
  perSecond: number;
  seconds: number;
}

interface Scenario {
  about: string;
  seconds: number;
  /** In equal parts of the time: a name, and the share of the rate. Without a name it is called by its rate. */
  phases: readonly { name?: string; share: number }[];
}

/** Each part of a soak is compared with the others: figures that rise from part to part are a leak. */
const SOAK_PARTS = 6;

export const SCENARIOS = {
  steady: { about: "one rate all the time", seconds: 60, phases: [{ share: 1 }] },
  steps: {
    about: "three levels: a third of the rate, two thirds, all of it",
    seconds: 60,
    phases: [{ share: 1 / 3 }, { share: 2 / 3 }, { share: 1 }],
  },
  spike: {
    about: "a quarter of the rate, four times as much at once, and a quarter again",
    seconds: 60,
    phases: [
      { name: "before", share: 1 / 4 },
      { name: "spike", share: 1 },
      { name: "after", share: 1 / 4 },
    ],
  },
  soak: {
    about: "half of the rate for a quarter of an hour, in six parts",
    seconds: 900,
    phases: Array.from({ length: SOAK_PARTS }, (_, part) => ({
      name: `part ${part + 1}`,
      share: 1 / 2,
    })),
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

/** Requests of one kind in a hundred. Mostly reads, as in any store; each order takes the whole way through both queues. */
export const MIX = { movie: 50, list: 20, search: 10, write: 5, order: 15 } as const;
export type Kind = keyof typeof MIX;
export const KINDS = Object.keys(MIX) as Kind[];

/** The hard bounds of every run: what the API's throttle lets through for reads, and an hour. */
export const RATE_MAX = 500;
export const SECONDS_MAX = 3_600;

export function phasesOf(name: ScenarioName, { perSecond, seconds }: Size): Phase[] {
  const { phases }: Scenario = SCENARIOS[name];
  return phases.map(({ name: own, share }) => {
    const rate = Math.max(1, Math.round(perSecond * share));
    return { name: own ?? `${rate} a second`, perSecond: rate, seconds: seconds / phases.length };
  });
}

/** The requests that a run is going to send, on average: all requests, and the orders among them. */
export function volumeOf(phases: readonly Phase[]): { requests: number; orders: number } {
  const requests = phases.reduce((sum, { perSecond, seconds }) => sum + perSecond * seconds, 0);
  return { requests: Math.round(requests), orders: Math.round((requests * MIX.order) / 100) };
}
