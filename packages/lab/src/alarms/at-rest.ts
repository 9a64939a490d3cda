import { BILLING_DEAD_LETTERS, LANE_NAMES, LANES } from "@cloud-design/core/billing";
import { countsOf } from "../chaos/evidence.ts";
import { messagesIn } from "../chaos/queues.ts";
import { until } from "../chaos/until.ts";
import type { Laboratory } from "./laboratory.ts";

/** Resolves once no order is under way and every part answers, so that a fault does not affect the next one. */
export async function atRest(lab: Laboratory): Promise<void> {
  const { sqs, queues, gatewayUrl } = lab;
  await until("SQS is empty", async () => {
    const counts = [...Object.values(queues.lanes), queues.deadLetters].map((url) => messagesIn(sqs, url));
    return (await Promise.all(counts)).every((count) => count === 0);
  });
  await until("RabbitMQ is empty", async () => {
    const names = [...LANE_NAMES.map((lane) => LANES[lane].queue), BILLING_DEAD_LETTERS];
    const counts = names.map((queue) => countsOf(lab, queue));
    return (await Promise.all(counts)).every(({ ready, unacked }) => ready + unacked === 0);
  });
  await until("the gateway answers", async () => (await fetch(`${gatewayUrl}/health/ready`)).ok);
}
