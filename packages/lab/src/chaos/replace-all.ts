import type { Service } from "./fleet-service.ts";
import { until } from "./until.ts";

/** A deployment: for each task a new one starts first, then the old one stops. */
export async function replaceAll({ tasks, balancer, startTask, stopTask }: Service): Promise<void> {
  for (const old of [...tasks]) {
    const { port } = await startTask();
    await stopTask(old);
    await until("the new task serves", () => (balancer.answered.get(port) ?? 0) > 0);
  }
}
