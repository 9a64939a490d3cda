import * as z from "zod";

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

const Answer = z.object({ Attributes: z.record(z.string(), z.string()).default({}) });

/** Asks SQS for attributes of a queue (GetQueueAttributes). */
export type AskQueue = (input: {
  QueueUrl: string;
  AttributeNames: (typeof ATTRIBUTES)[keyof QueueDepth][];
}) => Promise<unknown>;

/** Rejects when SQS does not answer with all three figures. */
export async function askDepth(ask: AskQueue, queueUrl: string): Promise<QueueDepth> {
  const answer = await ask({ QueueUrl: queueUrl, AttributeNames: Object.values(ATTRIBUTES) });
  const { Attributes } = Answer.parse(answer);
  const figure = (state: keyof QueueDepth) => {
    const said = Attributes[ATTRIBUTES[state]];
    if (said === undefined) throw new Error(`SQS did not answer with ${ATTRIBUTES[state]} of ${queueUrl}`);
    return Number(said);
  };
  return { visible: figure("visible"), inFlight: figure("inFlight"), delayed: figure("delayed") };
}
