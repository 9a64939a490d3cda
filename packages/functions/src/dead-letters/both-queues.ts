import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import { credentialsFrom } from "@cloud-design/core/secrets";
import { SDK_OPTIONS } from "../shared/sdk-options.ts";
import { answer } from "./answer.ts";
import { openBillingLetters } from "./billing-letters.ts";
import type { Entry } from "./change.ts";
import type { DeadLettersSettings } from "./env.ts";
import { openOrdersLetters } from "./orders-letters.ts";
import type { ChangeAnswer, DeadLettersRequest, ListAnswer, ShowAnswer } from "./protocol.ts";

export type { Entry } from "./change.ts";

/** Access to both dead-letter queues. */
export interface BothQueues {
  /** Each change is passed to `record` before it is made. */
  ask(
    request: DeadLettersRequest,
    record: (entry: Entry) => void,
  ): Promise<ListAnswer | ShowAnswer | ChangeAnswer>;
  close(): Promise<void>;
}

/** `sqs` overrides the SQS client's settings, such as the endpoint on a laptop. */
export function openBothQueues(environment: DeadLettersSettings, sqs: SQSClientConfig = {}): BothQueues {
  const { AMQP_URL, AMQP_SECRET_ARN, ORDERS_QUEUE_URLS, ORDERS_DEAD_LETTERS_URL } = environment;
  const queues = {
    orders: openOrdersLetters(new SQSClient({ ...SDK_OPTIONS, ...sqs }), {
      ordersUrls: ORDERS_QUEUE_URLS,
      deadLettersUrl: ORDERS_DEAD_LETTERS_URL,
    }),
    billing: openBillingLetters(AMQP_URL, credentialsFrom(AMQP_SECRET_ARN)),
  };
  return {
    ask: (request, record) => answer(request, { queues, record }),
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}
