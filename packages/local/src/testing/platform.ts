import type { TestProject } from "vitest/node";
import { accessToken } from "../commands/token.ts";
import { temporaryDirectory } from "../servers/temporary-directory.ts";
import { freePorts, launch } from "./launch.ts";

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
  const { child, platform, exited } = await launch(directory.path, ["--no-seed", ...(await freePorts())]);
  const { parts } = platform;
  const identityUrl = parts.identity?.url ?? "";
  const users = ["reader", "ordinary", "premium", "admin", "machine"] as const;
  const tokens = await Promise.all(
    users.map(async (user) => [user, (await accessToken({ identityUrl, user })).accessToken] as const),
  );
  const { idToken } = await accessToken({ identityUrl, user: "ordinary", scope: "openid movies.read" });

  project.provide("local", directory.path);
  project.provide("platform", platform);
  project.provide("gatewayUrl", parts.gateway?.url ?? "");
  project.provide("tokens", Object.fromEntries(tokens) as Record<(typeof users)[number], string>);
  project.provide("idToken", idToken ?? "");
  return async () => {
    child.kill("SIGTERM");
    await exited;
    await directory[Symbol.asyncDispose]();
  };
}
