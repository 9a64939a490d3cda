import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import type { Lab } from "../../chaos/lab.ts";
import { keyOf, type Recorder } from "../recorder.ts";
import { sampling } from "./source.ts";

/** What the target groups of stacks/constructs/service.ts ask for: three failures make a task unhealthy, two answers make it well again. */
const UNHEALTHY_AFTER = 3;
const HEALTHY_AFTER = 2;
/** Three checks in a minute of the laboratory, where AWS's come every ten seconds, and a wait that three of them fit into as well. */
const CHECK_MS = 333;

/**
 * AWS/ApplicationELB: asks a service for its health as its target group does. A service that was stopped has no task, and one
 * that starts is not asked yet: there is nothing that could be unhealthy.
 */
export function watchService(
  { directory }: Pick<Lab, "directory">,
  noun: "inventory" | "billing",
  recorder: Recorder,
): AsyncDisposable {
  const group = noun === "inventory" ? "<Inventory/" : "<Billing/";
  const key = keyOf(recorder.wanted, "AWS/ApplicationELB UnHealthyHostCount", group);
  let isHealthy = true;
  let turn = 0;
  return sampling(async () => {
    const { state, url } = readPlatform(directory)?.parts[noun] ?? {};
    if (url === undefined || state === "stopped" || state === "starting") return;
    turn = (await isReady(`${url}/health/ready`)) === isHealthy ? 0 : turn + 1;
    if (turn >= (isHealthy ? UNHEALTHY_AFTER : HEALTHY_AFTER)) [isHealthy, turn] = [!isHealthy, 0];
    recorder.take(key, isHealthy ? 0 : 1);
  }, CHECK_MS);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
