import { byLane } from "@cloud-design/core/billing/lanes";
import { describe, expect, it } from "vitest";
import { type Answer, call, platform, SOON, stopped } from "./client.ts";

const ask = (path: string, at?: string): Promise<Answer> =>
  call("GET", path, { as: null, ...(at && { at }) });
const status = async () => (await ask("/api/status")).json;
const component = (name: string, state: string) =>
  expect.objectContaining({ name, status: state, latency_ms: expect.any(Number) });

describe("/api/status", () => {
  it("names every component, and the time of the check", async () => {
    await expect.poll(status, SOON).toMatchObject({ status: "up" });
    const answer = await ask("/api/status");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const names = [
      "inventory",
      "inventory-database",
      "billing",
      "billing-database",
      "rabbitmq",
      "orders-queue",
    ];
    expect(answer.json).toEqual({
      status: "up",
      checked_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      components: names
        .map((name) => component(name, "up"))
        .with(-1, {
          name: "orders-queue",
          status: "up",
          latency_ms: expect.any(Number),
          waiting: expect.any(Number),
          lanes: byLane(() => expect.any(Number)),
        }),
    });
  });

  it("is degraded and names billing while billing is stopped, and up again afterwards", async () => {
    await using billing = await stopped("billing");
    await expect.poll(status, SOON).toMatchObject({
      status: "degraded",
      components: expect.arrayContaining([component("billing", "down"), component("inventory", "up")]),
    });
    expect((await ask("/api/status")).status).toBe(200);
    await billing.start();
    await expect.poll(status, SOON).toMatchObject({ status: "up" });
  });

  it("is down, with 503, when movies cannot be read and orders cannot be placed", async () => {
    await using _inventory = await stopped("inventory");
    await using _sqs = await stopped("sqs");
    await expect.poll(async () => (await ask("/api/status")).status, SOON).toBe(503);
    expect(await status()).toMatchObject({
      status: "down",
      components: expect.arrayContaining([component("inventory", "down"), component("orders-queue", "down")]),
    });
  });
});

describe("health", () => {
  it.each(["gateway", "inventory", "billing"])(
    "of %s is live and ready, and open without a token",
    async (part) => {
      const live = await ask("/health/live", platform.parts[part]?.url);
      expect(live.status).toBe(200);
      expect(live.json).toEqual({ status: "live" });
      const ready = await ask("/health/ready", platform.parts[part]?.url);
      expect(ready.status).toBe(200);
      expect(ready.json).toEqual({ status: "ready" });
    },
  );

  it.each([
    ["inventory", "inventory-database"],
    ["billing", "billing-database"],
  ])("of %s stays ready without %s, since one outage must not stop every copy", async (service, part) => {
    await using _part = await stopped(part);
    const at = platform.parts[service]?.url;
    const components = async () => (await ask("/health/components", at)).json;
    await expect.poll(components, SOON).toMatchObject({ [part]: "down" });
    expect((await ask("/health/ready", at)).status).toBe(200);
  });
});
