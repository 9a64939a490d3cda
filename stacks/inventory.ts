import type { InventoryEnvironment } from "@cloud-design/containers/inventory/env";
import { settingsOf } from "@cloud-design/stage/settings";
import { type StackContext, use } from "sst/constructs";
import { createService } from "./constructs/service.ts";
import { Databases } from "./databases.ts";
import { Identity } from "./identity.ts";
import { Site } from "./site.ts";

/** In %: the rest of the CPU serves until a new task has started, about a minute later. */
const CPU_TARGET = 60;
/** Requests a minute for each task: its share of a vCPU at the cost of a request under little load (docs/scaling.md). */
const REQUESTS_TARGET = 12_000;

/** Inventory: Fargate tasks behind the internal balancer. Their number follows CPU and requests. */
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
    // A caller waits for each answer, so no task runs on Spot, which ends with two minutes' notice.
    isOnSpot: false,
  });
  const { min, max } = settingsOf(app.stage).inventoryTasks;
  const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
  scaling.scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: CPU_TARGET });
  scaling.scaleOnRequestCount("Requests", { requestsPerTarget: REQUESTS_TARGET, targetGroup });
  return { service, targetGroup, logs, image, url };
}
