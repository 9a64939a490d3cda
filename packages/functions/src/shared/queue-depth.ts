import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { askDepth, type QueueDepth } from "./ask-depth.ts";

/** The depth of a queue, for programs that have a client of the SDK. */
export function queueDepth(client: SQSClient, queueUrl: string): Promise<QueueDepth> {
  return askDepth((input) => client.send(new GetQueueAttributesCommand(input)), queueUrl);
}
