import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { metricsOfAlarms } from "@cloud-design/stacks/testing/alarms/alarms";
import { logMetricsOf } from "@cloud-design/stacks/testing/alarms/log-metrics";
import type { App } from "@cloud-design/stacks/testing/app";
import { type Lab, openLab } from "../chaos/lab.ts";
import { visibilitySeconds } from "../chaos/queues.ts";
import { MINUTE_SECONDS, Recorder } from "./recorder.ts";
import { watchBroker } from "./sources/broker.ts";
import { watchDatabase } from "./sources/databases.ts";
import { watchLogs } from "./sources/logs.ts";
import { watchQueues } from "./sources/queues.ts";
import { watchService } from "./sources/services.ts";

/** A platform for faults, whose parts report the metrics of AWS, and the recorder of everything that CloudWatch would collect. */
export interface Laboratory extends Lab {
  recorder: Recorder;
  identityUrl: string;
}

/** Settings that make everything that AWS does once per minute follow the laboratory's minute. */
const ENVIRONMENT = {
  METRICS_NAMESPACE: "cloud-design/prod",
  METRICS_SECONDS: String(MINUTE_SECONDS),
  PROBE_SECONDS: String(MINUTE_SECONDS),
};

/** Starts the laboratory; the template may still be under construction. */
export async function openLaboratory(
  building: Promise<App>,
  say: (doing: string) => void,
): Promise<Laboratory> {
  const stack = new AsyncDisposableStack();
  try {
    const [opening, built] = await Promise.allSettled([openLab(say, ENVIRONMENT), building]);
    if (opening.status === "rejected") throw opening.reason;
    const lab = stack.use(opening.value);
    if (built.status === "rejected") throw built.reason;
    const app = built.value;
    // The messages that a dead function held come back after this many minutes of the laboratory.
    stack.use(await visibilitySeconds(lab, (ORDER_BRIDGE.visibilitySeconds / 60) * MINUTE_SECONDS));
    const recorder = new Recorder(metricsOfAlarms(app));
    stack.use(watchLogs(lab.directory, logMetricsOf(app), recorder));
    stack.use(watchQueues(lab, recorder));
    stack.use(watchBroker(lab, recorder));
    for (const noun of ["inventory", "billing"] as const) stack.use(watchService(lab, noun, recorder));
    stack.use(
      await watchDatabase(
        {
          noun: "inventory",
          adminUrl: lab.moviesAdminUrl,
          pid: () => lab.pidOf("inventory-database"),
        },
        recorder,
      ),
    );
    stack.use(
      await watchDatabase(
        {
          noun: "billing",
          adminUrl: lab.ordersDatabase.url,
          pid: () => lab.ordersDatabase.part.record.pid ?? 0,
        },
        recorder,
      ),
    );
    const identityUrl = readPlatform(lab.directory)?.parts.identity?.url ?? "";
    return Object.assign(lab, {
      recorder,
      identityUrl,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    });
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
