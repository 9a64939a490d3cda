import { setTimeout as sleep } from "node:timers/promises";
import { parseEnvironment } from "@cloud-design/core/environment";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { openSqs } from "@cloud-design/functions/shared/sqs";
import { lambdaFunction } from "../lambda/lambda-function.ts";
import { runStandIn } from "../stand-in.ts";
import { EventSourceEnvironment } from "./env.ts";
import { runEventSource } from "./event-source.ts";
import { Received } from "./to-event.ts";

/** Lambda polls for 20 s. Ctrl-C waits for a poll, because an aborted poll would hide its messages; so it takes 2 s here. */
const POLL_SECONDS = 2;

await runStandIn("order-bridge", async (log) => {
  const {
    AWS_REGION: region,
    ORDERS_QUEUE_URL: queueUrl,
    ...environment
  } = parseEnvironment(EventSourceEnvironment);
  // Imported here and not above: the module reads its own settings, and a missing one must be named in the same sentence.
  const { handler } = await import("@cloud-design/functions/order-bridge");
  const sqs = openSqs(queueUrl, {
    // Much longer than the poll: an answer that is given up hides its messages for the whole visibility timeout.
    answerSeconds: 60,
    // The poller and the visibility timeout repeat a failed call; a second layer of retries would only delay them.
    attemptsMax: 1,
  });
  const stopping = new AbortController();
  const running = runEventSource(
    {
      async receive() {
        const received = await sqs("ReceiveMessage", {
          QueueUrl: queueUrl,
          MaxNumberOfMessages: ORDER_BRIDGE.batchSize,
          WaitTimeSeconds: POLL_SECONDS,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        });
        return Received.parse(received).Messages;
      },
      async remove(messages) {
        const Entries = messages.map(({ ReceiptHandle }, id) => ({ Id: String(id), ReceiptHandle }));
        await sqs("DeleteMessageBatch", { QueueUrl: queueUrl, Entries });
      },
      invoke: lambdaFunction({
        name: "order-bridge",
        timeoutSeconds: ORDER_BRIDGE.timeoutSeconds,
        concurrencyMax: environment.RESERVED_CONCURRENCY,
        handler,
      }),
      queueUrl,
      region,
      concurrency: ORDER_BRIDGE.concurrency,
      log,
    },
    stopping.signal,
  );
  log.info({ queue_url: queueUrl }, "polling");
  return async () => {
    stopping.abort();
    await Promise.race([running, sleep(ORDER_BRIDGE.timeoutSeconds * 1_000)]);
  };
});
