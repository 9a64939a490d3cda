import { SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { byLane, LANE_NAMES, LANES } from "@cloud-design/core/billing/lanes";
import { ORDERS_DEAD_LETTERS } from "@cloud-design/core/billing/queue";
import { IMPORT_RETENTION_DAYS } from "@cloud-design/core/inventory/import";
import { IMPORT_LOADER, IMPORT_SPLITTER } from "@cloud-design/functions/shared/import-limits";
import type { LaneUrls } from "@cloud-design/functions/shared/lane-urls";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { WEBHOOK_DELIVERY, WEBHOOK_RETRIES } from "@cloud-design/functions/shared/webhook-limits";
import { type FauxqsApp, startOnLoopback } from "../fauxqs.ts";
import { commitTogether } from "./commit-together.ts";

type Change = { VisibilityTimeout?: number };

const WEBHOOK_DEAD_LETTERS = "webhook-dead-letters";
/** Each queue with its limits and its dead letters, which the lanes of orders share, and the deliveries to webhooks. */
const QUEUES = [
  ...LANE_NAMES.map((lane) => ({ name: LANES[lane].sqs, deadLetters: ORDERS_DEAD_LETTERS, ...ORDER_BRIDGE })),
  {
    name: "imports",
    deadLetters: "imports-dead-letters",
    ...IMPORT_SPLITTER,
    retentionDays: IMPORT_RETENTION_DAYS,
  },
  {
    name: "import-chunks",
    deadLetters: "import-chunks-dead-letters",
    ...IMPORT_LOADER,
    retentionDays: IMPORT_RETENTION_DAYS,
  },
  { name: "webhook-deliveries", deadLetters: WEBHOOK_DEAD_LETTERS, ...WEBHOOK_DELIVERY },
  { name: "webhook-retries", deadLetters: WEBHOOK_DEAD_LETTERS, ...WEBHOOK_RETRIES },
];
/** The account that fauxqs gives all queues. */
const ACCOUNT = "000000000000";
/** The maximum of SQS. */
const DEAD_LETTER_DAYS = 14;

/** The GET paths in use: the supervisor checks whether it runs; the alarm laboratory reads the age of the oldest message, which on AWS only CloudWatch knows. */
const READ_BY_OURS = /^\/(?:health|_fauxqs\/queues\/[\w-]+)$/;

export interface SqsOptions {
  port: number;
  region: string;
  /** Every change is written here before it is answered, so that an answered change survives a kill. */
  stateDirectory: string;
  /** After this many receives without a delete a message goes to the dead letters; by default each queue has its own limit. */
  receivesMax?: number;
}

export interface Sqs {
  port: number;
  ordersUrls: LaneUrls;
  deadLettersUrl: string;
  stop(): Promise<void>;
}

/** SQS with the queues of the platform and their dead letters, on the loopback interface. Safe to start again on the same state. */
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
  const client = new SQSClient({
    region,
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const setUp = (queue: string, Attributes: Record<string, string>) =>
    client.send(new SetQueueAttributesCommand({ QueueUrl: url(queue), Attributes }));
  for (const { name, deadLetters, ...limits } of QUEUES) {
    server.setup({ queues: [{ name }, { name: deadLetters }] });
    await setUp(deadLetters, { MessageRetentionPeriod: seconds(DEAD_LETTER_DAYS) });
    await setUp(name, {
      MessageRetentionPeriod: seconds(limits.retentionDays),
      VisibilityTimeout: String(limits.visibilitySeconds),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:${region}:${ACCOUNT}:${deadLetters}`,
        maxReceiveCount: receivesMax ?? limits.receivesMax,
      }),
    });
  }
  client.destroy();
  return {
    port: server.port,
    ordersUrls: byLane((lane) => url(LANES[lane].sqs)),
    deadLettersUrl: url(ORDERS_DEAD_LETTERS),
    stop: () => server.stop(),
  };
}

const seconds = (days: number) => String(days * 24 * 60 * 60);

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
