import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { findChromium, launchOptions } from "./chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What playwright's `chromium.connect` takes: each context of the browser behind it has an empty profile. */
    browserEndpoint: string;
  }
}

/** One Chromium for all browser tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const found = await findChromium((doing) => console.log(`Chromium: ${doing}`));
  const server = await chromium.launchServer({ ...launchOptions(found), host: "127.0.0.1" });
  project.provide("browserEndpoint", server.wsEndpoint());
  return () => server.close();
}
