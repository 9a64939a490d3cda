import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { platform } from "./platform.ts";
import { parseSettings } from "./settings.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cloud-design-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function planned(...flags: string[]) {
  const { parts, external, extra } = await platform({ ...parseSettings(flags), directory });
  const env = (name: string) => parts.find((part) => part.name === name)?.command().env;
  return { names: parts.map(({ name }) => name), external, extra, env };
}

it("a service that runs elsewhere is not started, is called at its own address, and uses its own password", async () => {
  vi.stubEnv("INVENTORY_URL", "http://inventory-app:8080");
  vi.stubEnv("INVENTORY_DATABASE_PASSWORD", "its-own");
  const { names, external, extra, env } = await planned();
  expect(names).not.toContain("inventory");
  expect(names).toContain("billing");
  expect(external).toEqual([{ name: "inventory", port: 8080, url: "http://inventory-app:8080" }]);
  expect(env("gateway")).toMatchObject({
    INVENTORY_URL: "http://inventory-app:8080",
    BILLING_URL: "http://127.0.0.1:8081",
  });
  expect(extra).toMatchObject({
    databases: { movies: { url: expect.stringContaining("inventory:its-own@") } },
  });
});

it("with --inventory 2 a balancer has the port of the service, and its copies have the ports that follow", async () => {
  const { names, env, extra } = await planned("--inventory", "2");
  expect(names.filter((name) => /inventory|billing/.test(name))).toEqual([
    "inventory-database",
    "billing-database",
    "inventory",
    "inventory-1",
    "inventory-2",
    "billing",
  ]);
  expect(env("inventory")).toMatchObject({ PORT: "8080", TARGETS: "8180,8181" });
  expect(env("inventory-2")).toMatchObject({ PORT: "8181", HOST: "127.0.0.1", METRICS_PORT: "8189" });
  expect(extra.metrics).toEqual({
    "inventory-1": "http://127.0.0.1:8188/metrics",
    "inventory-2": "http://127.0.0.1:8189/metrics",
    billing: "http://127.0.0.1:9467/metrics",
    "order-bridge": "http://127.0.0.1:9465/metrics",
    gateway: "http://127.0.0.1:9464/metrics",
    "status-probe": "http://127.0.0.1:9468/metrics",
  });
});

it("a service that runs elsewhere has no copies here", async () => {
  vi.stubEnv("INVENTORY_URL", "http://inventory-app:8080");
  await expect(planned("--inventory", "2")).rejects.toThrow(
    "inventory runs elsewhere, as INVENTORY_URL says: leave out --inventory 2.",
  );
});

it("with --host, other machines reach the gateway and the sign-in, and no other port", async () => {
  const { env } = await planned("--host", "0.0.0.0");
  const open = ["identity", "gateway", "inventory", "billing"].filter(
    (name) => env(name)?.HOST === "0.0.0.0",
  );
  expect(open).toEqual(["identity", "gateway"]);
});

it("only this machine reaches a laptop's platform by default", async () => {
  const { env } = await planned();
  const hosts = ["identity", "gateway", "inventory", "billing"].map((name) => env(name)?.HOST);
  expect(new Set(hosts)).toEqual(new Set(["127.0.0.1"]));
});
