import type { InventoryEnvironment } from "@cloud-design/containers/inventory/env";
import { settingsOf } from "@cloud-design/stage/settings";
import { type StackContext, use } from "sst/constructs";
import { createService } from "./constructs/service.ts";
import { Databases } from "./databases.ts";
import { Identity } from "./identity.ts";
import { Site } from "./site.ts";

/** In %: what is left serves until a new task is there, about a minute later. */
const CPU_TARGET = 60;
/** In a minute: about half of what a task was measured to serve (docs/scaling.md). */
const REQUESTS_TARGET = 12_000;

/** The movies: Fargate behind the internal balancer, more tasks when they are busy or much is asked of them. */
export function Inventory({ stack, app }: StackContext) {
  const { inventory: database } = use(Databases);
  const { service, targetGroup, logs, image, url } = createService(stack, {
    noun: "inventory",
    environment: {
      SITE_URL: use(Site).siteUrl,
      ...use(Identity).verification,
      DATABASE_URL: database.url,
      DATABASE_SECRET_ARN: database.credentials.secretArn,
    } satisfies InventoryEnvironment,
    secrets: [database.credentials],
    // Somebody waits for each answer: no task may go at two minutes' notice.
    isOnSpot: false,
  });
  const { min, max } = settingsOf(app.stage).inventoryTasks;
  const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
  scaling.scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: CPU_TARGET });
  scaling.scaleOnRequestCount("Requests", { requestsPerTarget: REQUESTS_TARGET, targetGroup });
  return { service, targetGroup, logs, image, url };
}
