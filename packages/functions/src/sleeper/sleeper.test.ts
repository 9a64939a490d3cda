import { expect, test } from "vitest";
import type { Part } from "./converge.ts";
import { lastEvening } from "./evening.ts";
import { AWAKE, type SleepAnswer, type SleepRequest, type SleepState } from "./protocol.ts";
import { sleeper } from "./sleeper.ts";

const PARIS = { at: "20:00", zone: "Europe/Paris" };

/** A stage with one part; without a step of its own it is there as soon as it is wanted. */
function stage(
  state: SleepState = AWAKE,
  step: Part["step"] = async () => ({ state: "there", isDone: true }),
) {
  let stored = state;
  return {
    ask: (request: SleepRequest, now: string): Promise<SleepAnswer> =>
      sleeper(
        {
          state: {
            read: async () => stored,
            write: async (next) => {
              stored = next;
            },
          },
          groups: () => [[{ name: "part", step }]],
          now: () => new Date(now),
        },
        request,
      ),
    wanted: () => stored.wanted,
    state: () => stored,
  };
}

test.each([
  ["2026-11-30T18:59:59Z", "2026-11-29"],
  ["2026-11-30T19:00:00Z", "2026-11-30"],
  // Summer time: an hour earlier in UTC.
  ["2026-07-01T17:59:59Z", "2026-06-30"],
  ["2026-07-01T18:00:00Z", "2026-07-01"],
  // The day in Paris, not in UTC.
  ["2026-11-30T23:30:00Z", "2026-11-30"],
  ["2027-01-01T00:30:00Z", "2026-12-31"],
])("at %s the last evening in Paris is that of %s", (now, date) => {
  expect(lastEvening(PARIS, new Date(now))).toBe(date);
});

test("falls asleep by itself at the first tick of each evening, and stays awake after it was woken at night", async () => {
  const one = stage();
  await one.ask({ evening: PARIS }, "2026-11-30T12:00:00Z");
  await one.ask({}, "2026-11-30T18:57:00Z");
  expect(one.wanted()).toBe("awake");
  const { state } = await one.ask({}, "2026-11-30T19:02:00Z");
  expect(state).toMatchObject({ wanted: "asleep", by: "every evening at 20:00", isSettled: true });
  await one.ask({ wanted: "awake", by: "ann" }, "2026-11-30T20:00:00Z");
  await one.ask({}, "2026-11-30T20:05:00Z");
  await one.ask({}, "2026-12-01T18:00:00Z");
  expect(one.wanted()).toBe("awake");
  await one.ask({}, "2026-12-01T19:04:00Z");
  expect(one.wanted()).toBe("asleep");
});

test("an evening whose ticks were all missed is made up for by the next one", async () => {
  const one = stage();
  await one.ask({ evening: { ...PARIS, at: "23:59" } }, "2026-11-30T12:00:00Z");
  await one.ask({}, "2026-12-01T02:00:00Z");
  expect(one.wanted()).toBe("asleep");
});

test("an hour that is set after it has struck begins the next day, and off ends it", async () => {
  const one = stage();
  await one.ask({ evening: PARIS }, "2026-11-30T21:00:00Z");
  await one.ask({}, "2026-11-30T21:05:00Z");
  expect(one.wanted()).toBe("awake");
  await one.ask({ evening: "off" }, "2026-12-01T12:00:00Z");
  await one.ask({}, "2026-12-01T21:00:00Z");
  expect(one.state()).toEqual(AWAKE);
});

test("a command just before the hour has the evening's last word", async () => {
  const one = stage();
  await one.ask({ evening: PARIS }, "2026-11-30T12:00:00Z");
  await one.ask({ wanted: "asleep", by: "ann" }, "2026-11-30T18:30:00Z");
  await one.ask({}, "2026-11-30T19:05:00Z");
  expect(one.state()).toMatchObject({ by: "ann", since: "2026-11-30T18:30:00.000Z" });
});

/** A stage that a deployment holds awake over its hour of the evening. */
async function heldStage() {
  const one = stage();
  await one.ask({ evening: PARIS }, "2026-11-30T12:00:00Z");
  await one.ask({ holdMinutes: 120 }, "2026-11-30T18:45:00Z");
  return one;
}

test("a stage that is being deployed stays awake, and makes up for its evening when that has ended", async () => {
  const one = await heldStage();
  await one.ask({}, "2026-11-30T19:05:00Z");
  expect(one.wanted()).toBe("awake");
  await expect(one.ask({ wanted: "asleep", by: "ann" }, "2026-11-30T19:06:00Z")).rejects.toThrow(
    /^The stage is being deployed, .* or until \d{4}-\d\d-\d\d \d\d:\d\d UTC if it was interrupted/,
  );
  await one.ask({ holdMinutes: 0 }, "2026-11-30T19:30:00Z");
  expect(one.wanted()).toBe("asleep");
  expect(one.state()).not.toHaveProperty("heldUntil");
});

test("a deployment that ended without a word keeps a stage awake for its time only", async () => {
  const one = await heldStage();
  await one.ask({}, "2026-11-30T20:44:00Z");
  expect(one.wanted()).toBe("awake");
  await one.ask({}, "2026-11-30T20:46:00Z");
  expect(one.wanted()).toBe("asleep");
});

test.each([
  ["ended", { evening: "off" as const }, undefined],
  ["set", { evening: { ...PARIS, at: "22:00" } }, "22:00"],
])("an evening that is %s while a pass runs stays so", async (_, request, at) => {
  let meanwhile = async () => {};
  const one = stage(AWAKE, async () => {
    await meanwhile();
    return { state: "stopped", isDone: true };
  });
  await one.ask({ evening: PARIS }, "2026-11-30T12:00:00Z");
  meanwhile = async () => {
    meanwhile = async () => {};
    await one.ask(request, "2026-11-30T12:10:01Z");
  };
  await one.ask({ wanted: "asleep", by: "ann" }, "2026-11-30T12:10:00Z");
  expect(one.state()).toMatchObject({ wanted: "asleep", isSettled: true });
  expect(one.state().evening?.at).toBe(at);
});

test("a command looks at each part of an awake stage, and the schedule at none", async () => {
  let looks = 0;
  const one = stage(AWAKE, async () => {
    looks++;
    return { state: "running", isDone: looks > 1 };
  });
  await one.ask({}, "2026-11-30T12:00:00Z");
  expect(looks).toBe(0);
  const { state } = await one.ask({ wanted: "awake", by: "ann" }, "2026-11-30T12:00:01Z");
  expect([looks, state.isSettled]).toEqual([1, false]);
  await one.ask({}, "2026-11-30T12:05:00Z");
  expect(one.state().isSettled).toBe(true);
});

test.each([
  { wanted: "dead" },
  { evening: { at: "24:00", zone: "Europe/Paris" } },
  { evening: { at: "20:00", zone: "Middle/Earth" } },
  { wanted: "asleep", force: true },
  { holdMinutes: 181 },
])("refuses %j", async (request) => {
  await expect(stage().ask(request as SleepRequest, "2026-11-30T12:00:00Z")).rejects.toThrow();
});
