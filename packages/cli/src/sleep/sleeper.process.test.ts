import type { SleepAnswer, SleepRequest } from "@cloud-design/functions/sleeper/protocol";
import { type RecordedAws, startRecordedAws } from "@cloud-design/stage/testing/recorded-aws";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  asleepParts,
  awakeParts,
  MAPPING_STATES,
  NAT_STATES,
  type Parts,
  SERVER_STATES,
  SLEEPER_ENVIRONMENT,
  SleepingAws,
} from "../testing/sleeping-aws.ts";

/** More passes than any stage needs when each look at a part moves it on. */
const PASSES_MAX = 20;

let server: RecordedAws;
let aws: SleepingAws;
let handler: (event: unknown) => Promise<SleepAnswer>;

beforeAll(async () => {
  server = await startRecordedAws({ "*": (question) => aws.answer(question) });
  for (const [name, value] of Object.entries({ ...SLEEPER_ENVIRONMENT, AWS_ENDPOINT_URL: server.url }))
    vi.stubEnv(name, value);
  ({ handler } = await import("@cloud-design/functions/sleeper"));
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(renew);

function renew(): void {
  aws = new SleepingAws();
  server.asked.length = 0;
}

/** Passes until every part is there. Returns their number. */
async function settle(request: SleepRequest): Promise<number> {
  let answer = await handler(request);
  for (let passes = 1; passes <= PASSES_MAX; passes++) {
    expect(answer.parts.filter(({ state }) => state.startsWith("refused"))).toEqual([]);
    if (answer.state.isSettled) return passes;
    answer = await handler({});
  }
  throw new Error(`Not settled after ${PASSES_MAX} passes: ${JSON.stringify(answer)}`);
}

const service = fc.record({
  desired: fc.constantFrom(0, 2),
  running: fc.constantFrom(0, 1, 2),
  isSuspended: fc.boolean(),
});
/** Any state in which a failure, or a person in the console, may have left a stage. */
const anyParts: fc.Arbitrary<Parts> = fc.record({
  server: fc.constantFrom(...SERVER_STATES),
  nat: fc.constantFrom(...NAT_STATES),
  services: fc.record({ inventory: service, billing: service, broker: service }),
  mappings: fc.tuple(fc.constantFrom(...MAPPING_STATES), fc.constantFrom(...MAPPING_STATES)),
  rule: fc.constantFrom("ENABLED", "DISABLED"),
  areAlarmsOn: fc.boolean(),
});

/** A service of which no task is wanted, while the ones of before still run. */
const STILL_STOPPING: Parts = {
  ...awakeParts(),
  services: { ...awakeParts().services, inventory: { desired: 0, running: 2, isSuspended: false } },
};

function expectAsleep(): void {
  const { services, ...rest } = aws.parts;
  const { services: wanted, ...others } = asleepParts();
  expect(rest).toEqual(others);
  for (const name of ["inventory", "billing"] as const) expect(services[name]).toEqual(wanted[name]);
  expect(services.broker).toMatchObject({ desired: 0, running: 0 });
}

function expectAwake(): void {
  const { services, ...rest } = aws.parts;
  const { services: _, ...others } = awakeParts();
  expect(rest).toEqual(others);
  for (const name of ["inventory", "billing"] as const)
    expect(services[name]).toEqual({ desired: 2, running: 2, isSuspended: false });
  expect(services.broker.running).toBeGreaterThan(0);
}

describe("the sleeper", () => {
  it("puts a stage to sleep and wakes it, in an order that harms nothing", async () => {
    await settle({ wanted: "asleep", by: "ann" });
    expectAsleep();
    await settle({ wanted: "awake", by: "ann" });
    expectAwake();
    expect(aws.faults).toEqual([]);
  });

  it("asks for nothing that is there already: sleeping twice changes nothing", async () => {
    await settle({ wanted: "asleep", by: "ann" });
    const before = aws.parameter;
    server.asked.length = 0;
    expect(await settle({ wanted: "asleep", by: "bob" })).toBe(1);
    expect(server.asked.map(({ operation }) => operation).filter(changes)).toEqual([]);
    expect(aws.parameter).toBe(before);
  });

  it("gets there from any combination of part states", async () => {
    await fc.assert(
      fc.asyncProperty(anyParts, fc.constantFrom("asleep", "awake"), async (parts, wanted) => {
        renew();
        aws.parts = structuredClone(parts);
        // Otherwise an awake stage is left alone.
        aws.parameter = JSON.stringify({ wanted: "asleep", isSettled: false });
        await settle({ wanted, by: "ann" });
        if (wanted === "asleep") expectAsleep();
        else expectAwake();
      }),
      { numRuns: 40, examples: [[STILL_STOPPING, "awake"]] },
    );
  });

  it("wakes while it falls asleep, and falls asleep while it wakes, after any number of passes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(8), fc.constantFrom("asleep", "awake"), async (passes, last) => {
        renew();
        const first = last === "awake" ? "asleep" : "awake";
        if (first === "awake") await settle({ wanted: "asleep", by: "ann" });
        await handler({ wanted: first, by: "ann" });
        for (let pass = 0; pass < passes; pass++) await handler({});
        await settle({ wanted: last, by: "bob" });
        if (last === "asleep") expectAsleep();
        else expectAwake();
        expect(aws.faults).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("stops the database again when AWS has started it after seven days, without a command", async () => {
    await settle({ wanted: "asleep", by: "ann" });
    aws.parts.server = "starting";
    await settle({});
    expectAsleep();
  });

  it("leaves an awake stage alone: a service that a person has stopped stays stopped", async () => {
    aws.parts.services.inventory = { desired: 0, running: 0, isSuspended: false };
    expect(await handler({})).toMatchObject({ parts: [] });
    expect(server.asked.map(({ operation }) => operation)).toEqual(["GetParameter"]);
  });

  it("reports a part that AWS refuses, goes on with the others, and completes when AWS allows it", async () => {
    aws.denied.add("StopDBInstance");
    for (let pass = 0; pass < PASSES_MAX; pass++)
      await handler(pass === 0 ? { wanted: "asleep", by: "ann" } : {});
    const { state, parts } = await handler({});
    expect(state.isSettled).toBe(false);
    expect(parts.find(({ isDone }) => !isDone)?.state).toContain("refused: You may not StopDBInstance");
    expect(aws.parts.nat).toBe("stopped");
    aws.denied.clear();
    await settle({});
    expectAsleep();
  });

  it("says on the status page since when it sleeps, in the data and in the page, and adds no check to the history", async () => {
    aws.objects.set("status/assets.json", JSON.stringify({ css: "a.css", script: "a.js" }));
    aws.objects.set("status/history.json", JSON.stringify({ days: [] }));
    await settle({ wanted: "asleep", by: "ann" });
    const { since } = JSON.parse(aws.parameter);
    expect(JSON.parse(aws.objects.get("status/status.json") ?? "")).toMatchObject({
      state: "asleep",
      asleep_since: since,
    });
    expect(aws.objects.get("status/index.html")).toContain("Asleep since ");
    expect(aws.objects.get("status/history.json")).toBe(JSON.stringify({ days: [] }));
    // A check that was under way ends later than the schedule.
    aws.objects.set("status/status.json", JSON.stringify({ state: "up", checked_at: since }));
    await handler({});
    expect(JSON.parse(aws.objects.get("status/status.json") ?? "")).toMatchObject({ state: "asleep" });
  });

  it("takes a parameter that cannot be read for awake", async () => {
    aws.parameter = "what?";
    expect((await handler({})).state).toEqual({ wanted: "awake", isSettled: true });
  });
});

function changes(operation: string): boolean {
  return !/^(Get|Describe|GET)/.test(operation);
}
