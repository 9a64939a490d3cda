import type { Database } from "@cloud-design/core/database";
import * as Webhooks from "@cloud-design/core/webhooks";
import { deliveriesOf } from "@cloud-design/core/webhooks/delivery";
import type { DeliveryQueues } from "./delivery-queues.ts";
import type { Hear } from "./subscriber.ts";

/**
 * Makes a delivery of each event for each webhook of the order's owner. An event that comes again is delivered again,
 * under the same id.
 */
export function tellWebhooks(database: Database, queues: Pick<DeliveryQueues, "send">): Hear {
  return async (events) => {
    const owners = [...new Set(events.flatMap(({ order: { owner } }) => owner ?? []))];
    const webhooks = await database.run((db) => Webhooks.ofOwners(db, owners));
    await queues.send(
      events.flatMap((event) => deliveriesOf(event, webhooks.get(event.order.owner ?? "") ?? [])),
    );
  };
}
