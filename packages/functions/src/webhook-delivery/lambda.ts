import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { openSqs } from "@cloud-design/core/sqs";
import { stageSecretFrom } from "@cloud-design/core/webhooks/settings";
import type { SQSEvent } from "aws-lambda";
import { deliverAll } from "./deliver.ts";
import { WebhookDeliveryEnvironment } from "./env.ts";
import { createSendPost } from "./post.ts";

const environment = parseEnvironment(WebhookDeliveryEnvironment);
const { WEBHOOK_RETRIES_URL, WEBHOOK_DEAD_LETTERS_URL, WEBHOOK_LOOPBACK } = environment;
const log = createLog("webhook-delivery");
// A function that cannot read its secret must not start. The secret never changes.
const secret = await stageSecretFrom(environment)();
const sendPost = createSendPost({ isLoopbackAllowed: WEBHOOK_LOOPBACK === "allowed" });
const sqs = openSqs(WEBHOOK_RETRIES_URL);

export const handler = (event: SQSEvent) =>
  deliverAll(event, {
    secret,
    sendPost,
    retryLater: (message) => sqs("SendMessage", { QueueUrl: WEBHOOK_RETRIES_URL, ...message }),
    layAside: ({ MessageBody, reason }) =>
      sqs("SendMessage", {
        QueueUrl: WEBHOOK_DEAD_LETTERS_URL,
        MessageBody,
        MessageAttributes: { reason: { DataType: "String", StringValue: reason } },
      }),
    log,
  });
