import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import type { Lab } from "../../chaos/lab.ts";
import { keyOf, type Recorder } from "../recorder.ts";
import { sampling } from "./source.ts";

/** The values of the target groups in stacks/constructs/service.ts: three failures make a task unhealthy, two good answers make it healthy again. */
const UNHEALTHY_AFTER = 3;
const HEALTHY_AFTER = 2;
/** Three checks in a minute of the laboratory; AWS checks every ten seconds. Three failed checks fit into a minute as well. */
const CHECK_MS = 333;

/**
 * AWS/ApplicationELB: checks a service's health as its target group does. A stopped service has no task, and a starting task is not
 * checked yet, so neither can be reported as unhealthy.
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
