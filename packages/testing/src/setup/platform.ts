import { freePorts, launch } from "@cloud-design/lab/launch";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import type { TestProject } from "vitest/node";
import { keepTokens } from "./platform-tokens.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** CLOUD_DESIGN_LOCAL of the platform under test: with it, every `npm run` uses that platform. */
    local: string;
    /** The content of its platform.json. */
    platform: Record<string, unknown>;
    gatewayUrl: string;
  }
}

/** A whole platform for the tests, on free ports, beside one that may be running. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory();
  const { child, platform, exited } = await launch(directory.path, ["--no-seed", ...(await freePorts())]);
  const { parts } = platform;
  const tokens = await keepTokens(directory.path, parts.identity?.url ?? "");

  project.provide("local", directory.path);
  project.provide("platform", platform);
  project.provide("gatewayUrl", parts.gateway?.url ?? "");
  return async () => {
    tokens[Symbol.dispose]();
    child.kill("SIGTERM");
    await exited;
    await directory[Symbol.asyncDispose]();
  };
}
