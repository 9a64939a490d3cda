import { findChromium, launchBrowser } from "@cloud-design/lab/chromium";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The address for playwright's `chromium.connect`. */
    browserEndpoint: string;
  }
}

/** One Chromium for all browser tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const found = await findChromium((doing) => console.log(`Chromium: ${doing}`));
  const server = await launchBrowser(found);
  project.provide("browserEndpoint", server.wsEndpoint());
  return () => server.close();
}
