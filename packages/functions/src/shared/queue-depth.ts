import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** The messages of an SQS queue by their state. SQS counts approximately. */
export interface QueueDepth {
  visible: number;
  /** Received and not yet deleted; includes those that wait for a retry. */
  inFlight: number;
  /** Sent with a delay that is not over. */
  delayed: number;
}

const ATTRIBUTES = {
  visible: "ApproximateNumberOfMessages",
  inFlight: "ApproximateNumberOfMessagesNotVisible",
  delayed: "ApproximateNumberOfMessagesDelayed",
} as const;

/** Rejects when SQS does not answer with all three figures. */
export async function queueDepth(
  client: SQSClient,
  queueUrl: string,
  abortSignal?: AbortSignal,
): Promise<QueueDepth> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: Object.values(ATTRIBUTES),
  });
  const { Attributes = {} } = await client.send(command, { ...(abortSignal && { abortSignal }) });
  const figure = (state: keyof QueueDepth) => {
    const said = Attributes[ATTRIBUTES[state]];
    if (said === undefined) throw new Error(`SQS did not answer with ${ATTRIBUTES[state]} of ${queueUrl}`);
    return Number(said);
  };
  return { visible: figure("visible"), inFlight: figure("inFlight"), delayed: figure("delayed") };
}
