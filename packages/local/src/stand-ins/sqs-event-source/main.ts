import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { parseEnvironment } from "@cloud-design/core/environment";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { runStandIn } from "../stand-in.ts";
import { EventSourceEnvironment } from "./env.ts";
import { startPolling } from "./start-polling.ts";

await runStandIn("order-bridge", async (log) => {
  const environment = parseEnvironment(EventSourceEnvironment);
  // Imported here and not above: the module reads its own settings, and a missing one must be named in the same sentence.
  const { handler } = await import("@cloud-design/functions/order-bridge");
  const queues = LANE_NAMES.map((lane) => ({
    url: environment.ORDERS_QUEUE_URLS[lane],
    concurrency: ORDER_BRIDGE.concurrency[lane],
  }));
  return startPolling({ name: "order-bridge", limits: ORDER_BRIDGE, queues, environment, handler, log });
});
