import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ROOT } from "@cloud-design/local/platform/settings";
import { expect, inject, test } from "vitest";
import * as z from "zod";
import { call } from "./client.ts";

const Report = z.object({
  isComplete: z.boolean(),
  phases: z.array(
    z.object({
      all: z.object({ sent: z.number(), failed: z.number(), p50: z.number() }),
      parts: z.record(z.string(), z.object({ processorPercent: z.number(), megabytes: z.number() })),
      errors: z.record(z.string(), z.number()),
    }),
  ),
  orders: z.object({
    accepted: z.number(),
    recorded: z.number(),
    lost: z.array(z.string()),
    untilRecorded: z.object({ p50: z.number() }),
  }),
});

const load = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["packages/cli/bin/run.mjs", "load", ...args], {
    cwd: ROOT,
    env: { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") },
  });

test("a load on the running platform loses no order, measures each part, and leaves no film behind", async () => {
  const { text: before } = await call("GET", "/api/movies");
  const { stdout } = await load("steady", "--rate", "20", "--seconds", "5", "--json");
  const [{ isComplete, phases, orders } = {}] = z.array(Report).parse(JSON.parse(stdout));
  const [{ all, parts = {}, errors } = {}] = phases ?? [];
  expect([isComplete, errors, orders?.lost]).toEqual([true, {}, []]);
  expect(all?.sent).toBeGreaterThan(50);
  expect(orders?.accepted).toBeGreaterThan(3);
  expect(orders?.recorded).toBe(orders?.accepted);
  if (process.platform === "linux") {
    expect(Object.keys(parts)).toEqual(
      expect.arrayContaining(["gateway", "inventory", "billing", "rabbitmq"]),
    );
    expect(parts.gateway?.megabytes).toBeGreaterThan(20);
    expect(parts.gateway?.processorPercent).toBeGreaterThan(0);
  }
  expect((await call("GET", "/api/movies")).text).toBe(before);
});

test("the report for a person ends with the orders", async () => {
  const { stdout } = await load("steady", "--rate", "5", "--seconds", "2");
  expect(stdout).toMatch(/^level +request +sent +failed +p50 +p95 +p99$/m);
  expect(stdout.trim()).toMatch(/\d+ orders accepted, \d+ recorded, 0 rejected, 0 lost; .*$/);
});
