import { expect, test } from "vitest";
import { generate } from "./generator.ts";

const PHASE = { name: "all", perSecond: 50, seconds: 0.4 };
const ARRIVALS = Array.from({ length: 20 }, (_, turn) => ({
  at: turn * 20,
  kind: "movie" as const,
  phase: 0,
}));

function busyFor(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

test("a generator that was busy counts the wait from the time at which it should have sent", async () => {
  let sent = 0;
  const { samples, marks } = await generate({
    phases: [PHASE],
    arrivals: ARRIVALS,
    traffic: {
      inFlight: () => 0,
      async send() {
        if (sent++ === 0) busyFor(200);
        return undefined;
      },
    },
    readParts: async () => new Map(),
    signal: new AbortController().signal,
    onSecond: () => {},
  });
  expect(samples.map(({ dueMs }) => dueMs).toSorted((one, other) => one - other)).toEqual(
    ARRIVALS.map(({ at }) => at),
  );
  const late = samples.filter(({ lateMs }) => lateMs > 50);
  expect(late.length).toBeGreaterThan(4);
  expect(late.every(({ waitMs, lateMs }) => waitMs >= lateMs)).toBe(true);
  expect(marks).toHaveLength(2);
});
