import { parseEnvironment } from "@cloud-design/core/environment";
import { WEBHOOK_DELIVERY } from "@cloud-design/functions/shared/webhook-limits";
import { runStandIn } from "../../stand-in.ts";
import { DeliveriesSourceEnvironment } from "../env.ts";
import { startPolling } from "../start-polling.ts";

await runStandIn("webhook-delivery", async (log) => {
  const environment = parseEnvironment(DeliveriesSourceEnvironment);
  const { handler } = await import("@cloud-design/functions/webhook-delivery");
  const queues = [{ url: environment.WEBHOOK_DELIVERIES_URL, concurrency: WEBHOOK_DELIVERY.concurrency }];
  return startPolling({
    name: "webhook-delivery",
    limits: WEBHOOK_DELIVERY,
    queues,
    environment,
    handler,
    log,
  });
});
