import { BrokerEnvironment } from "@cloud-design/core/broker/settings";
import { WebhookEnvironment } from "@cloud-design/core/webhooks/settings";
import * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const InventoryEnvironment = ServiceEnvironment.extend({
  ...BrokerEnvironment.shape,
  /** The bucket with the files of imports, for which inventory signs. */
  IMPORTS_BUCKET: z.string().min(1),
  ...WebhookEnvironment.shape,
  /** The queues of deliveries. Without them and the secret no webhook can be created, as in compose.yaml, which has no SQS for it. */
  WEBHOOK_DELIVERIES_URL: z.url().optional(),
  WEBHOOK_RETRIES_URL: z.url().optional(),
}).refine(
  (given) => (given.WEBHOOK_DELIVERIES_URL === undefined) === (given.WEBHOOK_RETRIES_URL === undefined),
  {
    path: ["WEBHOOK_DELIVERIES_URL"],
    message: "must be set together with WEBHOOK_RETRIES_URL, or neither of them",
    // Checked even if other settings are wrong, so that one error names all of them.
    when: () => true,
  },
);
/** The environment as a process gets it. */
export type InventoryEnvironment = z.input<typeof InventoryEnvironment>;
