import { SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { type FauxqsApp, startOnLoopback } from "../fauxqs.ts";
import { commitTogether } from "./commit-together.ts";

type Change = { VisibilityTimeout?: number };

const ORDERS = "orders";
const DEAD_LETTERS = "orders-dead-letters";
/** The account that fauxqs gives all queues. */
const ACCOUNT = "000000000000";

/** The GET paths in use: the supervisor checks whether it runs; the alarm laboratory reads the age of the oldest message, which on AWS only CloudWatch knows. */
const READ_BY_OURS = /^\/(?:health|_fauxqs\/queues\/[\w-]+)$/;

export interface SqsOptions {
  port: number;
  region: string;
  /** Every change is written here before it is answered, so that an answered change survives a kill. */
  stateDirectory: string;
  /** After this many receives without a delete a message goes to the dead letters. */
  receivesMax: number;
}

export interface Sqs {
  port: number;
  ordersUrl: string;
  deadLettersUrl: string;
  stop(): Promise<void>;
}

/** SQS with the queue `orders` and its dead letters, on the loopback interface. Safe to start again on the same state. */
export async function startSqs({ port, region, stateDirectory, receivesMax }: SqsOptions): Promise<Sqs> {
  const server = await startOnLoopback(
    { port, logger: false, defaultRegion: region, dataDir: stateDirectory },
    ({ method, path, target }) =>
      method === "GET" ? READ_BY_OURS.test(path) : method === "POST" && target.startsWith("AmazonSQS."),
    (app, database) => {
      mendVisibilityZero(app);
      if (database) commitTogether(app, database);
    },
  );
  const url = (queue: string) => `http://127.0.0.1:${server.port}/${ACCOUNT}/${queue}`;
  server.setup({ queues: [{ name: ORDERS }, { name: DEAD_LETTERS }] });
  const { retentionDays, visibilitySeconds } = ORDER_BRIDGE;
  const retention = { MessageRetentionPeriod: String(retentionDays * 24 * 60 * 60) };
  const redrive = {
    deadLetterTargetArn: `arn:aws:sqs:${region}:${ACCOUNT}:${DEAD_LETTERS}`,
    maxReceiveCount: receivesMax,
  };
  const client = new SQSClient({
    region,
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await client.send(new SetQueueAttributesCommand({ QueueUrl: url(DEAD_LETTERS), Attributes: retention }));
  await client.send(
    new SetQueueAttributesCommand({
      QueueUrl: url(ORDERS),
      Attributes: {
        ...retention,
        VisibilityTimeout: String(visibilitySeconds),
        RedrivePolicy: JSON.stringify(redrive),
      },
    }),
  );
  client.destroy();
  return {
    port: server.port,
    ordersUrl: url(ORDERS),
    deadLettersUrl: url(DEAD_LETTERS),
    stop: () => server.stop(),
  };
}

/**
 * fauxqs 2.4.1 with persistence fails on a visibility of 0 (NOT NULL constraint) and forgets the message until its next
 * start; one millisecond means the same and works.
 */
function mendVisibilityZero(app: FauxqsApp): void {
  app.addHook("preHandler", async ({ headers, body }) => {
    if (!String(headers["x-amz-target"]).startsWith("AmazonSQS.ChangeMessageVisibility")) return;
    const request = (body ?? {}) as Change & { Entries?: Change[] };
    for (const change of request.Entries ?? [request])
      if (change.VisibilityTimeout === 0) change.VisibilityTimeout = 0.001;
  });
}
