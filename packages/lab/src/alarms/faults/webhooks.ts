import { PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { ATTEMPTS_MAX, type Delivery } from "@cloud-design/core/webhooks/delivery";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import postgres from "postgres";
import { until } from "../../chaos/until.ts";
import type { AlarmFault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";

/** A delivery to a port where nothing listens. Its webhook does not exist, so it is dropped after a failed attempt. */
const DELIVERY: Delivery = {
  webhook: "whk_AAAAAAAAAAAAAAAAAAAA",
  url: "http://127.0.0.1:1/",
  id: "evt_laboratory_order.recorded",
  body: "{}",
  attempt: 1,
  waitSeconds: 0,
};

export const WEBHOOK_FAULTS: readonly AlarmFault[] = [
  {
    name: "webhook-delivery-stopped",
    injection: "the function webhook-delivery is stopped for 11 minutes, while a delivery waits",
    calmMinutes: 8,
    async inject(lab) {
      await lab.ops("stop", "webhook-delivery");
      try {
        await send(lab, lab.queues.webhookDeliveries, DELIVERY);
        await minutes(11);
      } finally {
        await lab.ops("start", "webhook-delivery");
      }
    },
  },
  {
    name: "webhooks-unreadable",
    injection:
      "for 24 minutes inventory may not read the table of webhooks, while a delivery has waited enough",
    // SQS shows the delivery again 30 s after its last receive, which are as many minutes here.
    calmMinutes: 52,
    async inject(lab) {
      const movies = postgres(lab.moviesAdminUrl, { max: 1, onnotice: () => {} });
      try {
        await movies`REVOKE SELECT ON webhooks FROM inventory`;
        await send(lab, lab.queues.webhookRetries, DELIVERY);
        await minutes(24);
      } finally {
        await movies`GRANT SELECT ON webhooks TO inventory`;
        await movies.end({ timeout: 1 });
      }
    },
  },
  {
    name: "webhook-given-up",
    injection:
      "the eighth attempt of a delivery fails, without the 28 hours before it; its dead letter stays for 8 minutes and is deleted",
    calmMinutes: 8,
    async inject(lab) {
      await send(lab, lab.queues.webhookDeliveries, { ...DELIVERY, attempt: ATTEMPTS_MAX });
      await until("there is a dead letter", async () => (await depthOf(lab)) > 0);
      await minutes(8);
      // As an operator does who has told the owner.
      await lab.sqs.send(new PurgeQueueCommand({ QueueUrl: lab.queues.webhookDeadLetters }));
    },
  },
];

async function send({ sqs }: Laboratory, QueueUrl: string, delivery: Delivery): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(delivery) }));
}

async function depthOf({ sqs, queues }: Laboratory): Promise<number> {
  return (await queueDepth(sqs, queues.webhookDeadLetters)).visible;
}
