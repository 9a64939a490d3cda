import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestProject } from "vitest/node";
import { accessToken } from "../commands/token.ts";
import { readPlatform } from "../platform-file.ts";
import { freePort, temporaryDirectory } from "../servers/testing.ts";

const PORTS = [
  "gateway",
  "inventory",
  "billing",
  "identity",
  "sqs",
  "site",
  "inventory-database",
  "billing-database",
  "rabbitmq",
  "epmd",
  "rabbitmq-distribution",
] as const;

declare module "vitest" {
  interface ProvidedContext {
    /** CLOUD_DESIGN_LOCAL of the platform under test: with it, every `npm run` speaks to that one. */
    local: string;
    /** What its platform.json says. */
    platform: Record<string, unknown>;
    gatewayUrl: string;
    /** Access tokens of the demo users and of the machine client. */
    tokens: Record<"reader" | "ordinary" | "premium" | "admin" | "machine", string>;
    /** An ID token of the ordinary user, which opens nothing. */
    idToken: string;
  }
}

/** A whole platform of the tests' own, on free ports, beside one that may be running. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory();
  const ports = await Promise.all(PORTS.map(async (name) => [`--${name}-port`, String(await freePort())]));
  const supervisor = spawn(
    process.execPath,
    [join(import.meta.dirname, "../cli.ts"), "start", "--no-seed", ...ports.flat()],
    {
      env: { ...process.env, CLOUD_DESIGN_LOCAL: directory.path, LOG_LEVEL: "info" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  for (const stream of [supervisor.stdout, supervisor.stderr])
    stream.on("data", (chunk) => {
      said += chunk;
    });
  const exited = once(supervisor, "exit");

  while (readPlatform(directory.path)?.state !== "running") {
    if (supervisor.exitCode !== null) throw new Error(`The platform did not start:\n${said}`);
    await sleep(100);
  }
  const platform: unknown = JSON.parse(readFileSync(join(directory.path, "platform.json"), "utf8"));
  const parts = readPlatform(directory.path)?.parts ?? {};
  const identityUrl = parts.identity?.url ?? "";
  const users = ["reader", "ordinary", "premium", "admin", "machine"] as const;
  const tokens = await Promise.all(
    users.map(async (user) => [user, (await accessToken({ identityUrl, user })).accessToken] as const),
  );
  const { idToken } = await accessToken({ identityUrl, user: "ordinary", scope: "openid movies.read" });

  project.provide("local", directory.path);
  project.provide("platform", platform as Record<string, unknown>);
  project.provide("gatewayUrl", parts.gateway?.url ?? "");
  project.provide("tokens", Object.fromEntries(tokens) as Record<(typeof users)[number], string>);
  project.provide("idToken", idToken ?? "");
  return async () => {
    supervisor.kill("SIGTERM");
    await exited;
    await directory[Symbol.asyncDispose]();
  };
}
