import { PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { ATTEMPTS_MAX, type Delivery } from "@cloud-design/core/webhooks/delivery";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
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
        await send(lab, DELIVERY);
        await minutes(11);
      } finally {
        await lab.ops("start", "webhook-delivery");
      }
    },
  },
  {
    name: "webhook-given-up",
    injection:
      "the eighth attempt of a delivery fails, without the 28 hours before it; its dead letter stays for 8 minutes and is deleted",
    calmMinutes: 8,
    async inject(lab) {
      await send(lab, { ...DELIVERY, attempt: ATTEMPTS_MAX });
      await until("there is a dead letter", async () => (await depthOf(lab)) > 0);
      await minutes(8);
      // As an operator does who has told the owner.
      await lab.sqs.send(new PurgeQueueCommand({ QueueUrl: lab.queues.webhookDeadLetters }));
    },
  },
];

async function send({ sqs, queues }: Laboratory, delivery: Delivery): Promise<void> {
  const MessageBody = JSON.stringify(delivery);
  await sqs.send(new SendMessageCommand({ QueueUrl: queues.webhookDeliveries, MessageBody }));
}

async function depthOf({ sqs, queues }: Laboratory): Promise<number> {
  return (await queueDepth(sqs, queues.webhookDeadLetters)).visible;
}
