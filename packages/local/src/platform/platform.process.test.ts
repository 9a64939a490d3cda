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
