import { startAge } from "@cloud-design/core/age";
import type { Lane } from "@cloud-design/core/billing/lanes";
import type { OrdersQueue } from "../shared/orders-queue.ts";
import { ORDER_BRIDGE } from "../shared/orders-queue-limits.ts";

/** However many callers ask an instance of the function for their orders, it asks SQS once in this time. */
const CACHE_SECONDS = 5;
/** An assumption: a batch takes the bridge 20 ms on a laptop (5,000 orders in 5.1 s, docs/how/failures.md), and between the zones of AWS more. */
const BATCH_SECONDS = 0.05;

/**
 * The seconds that the orders of a lane which wait in SQS need until the bridge has carried on the last of them, while it works. After a rush the backlog is
 * there, because billing takes orders faster; in an outage of billing it is in RabbitMQ, which the gateway cannot reach. 0 if SQS does not answer:
 * a caller who comes back too early does no harm.
 */
export function createBacklog(queue: OrdersQueue, lane: Lane): () => Promise<number> {
  // As in a stage that reserves concurrency; another one takes longer.
  const perSecond = (ORDER_BRIDGE.concurrency[lane] * ORDER_BRIDGE.batchSize) / BATCH_SECONDS;
  let cached: { age: () => number; seconds: Promise<number> } | undefined;
  const ask = () =>
    queue.countWaiting(lane).then(
      (waiting) => waiting / perSecond,
      () => 0,
    );
  return () => {
    if (!cached || cached.age() > CACHE_SECONDS * 1_000) cached = { age: startAge(), seconds: ask() };
    return cached.seconds;
  };
}
