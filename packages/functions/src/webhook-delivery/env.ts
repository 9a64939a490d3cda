import { WebhookEnvironment } from "@cloud-design/core/webhooks/settings";
import * as z from "zod";

export const WebhookDeliveryEnvironment = WebhookEnvironment.extend({
  WEBHOOK_RETRIES_URL: z.url(),
  WEBHOOK_DEAD_LETTERS_URL: z.url(),
});
/** The environment as the stack sets it. */
export type WebhookDeliveryEnvironment = z.input<typeof WebhookDeliveryEnvironment>;
