import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "./fleet-service.ts";

/** A deployment: for each task a new one first, then the old one goes. */
export async function replaceAll({ tasks, balancer, startTask, stopTask }: Service): Promise<void> {
  for (const old of [...tasks]) {
    const { port } = await startTask();
    await stopTask(old);
    // Until the new one has shown that it serves, the next old one stays.
    while ((balancer.answered.get(port) ?? 0) === 0) await sleep(20);
  }
}
