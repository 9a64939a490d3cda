import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ORDER_BRIDGE } from "@cloud-design/functions/order-bridge/limits";
import { type buildApp, type FauxqsServer, startFauxqs } from "fauxqs";

type App = ReturnType<typeof buildApp>;
type Change = { VisibilityTimeout?: number };

const ORDERS = "orders";
const DEAD_LETTERS = "orders-dead-letters";
/** fauxqs owns all queues in one account, which it spells so. */
const ACCOUNT = "000000000000";

export interface SqsOptions {
  port: number;
  region: string;
  /** Every change is written here before it is answered, so what was answered survives a kill. */
  stateDirectory: string;
  /** After so many receives without a delete a message goes to the dead letters. */
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
  const server = await startAdapted({ port, logger: false, defaultRegion: region, dataDir: stateDirectory });
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

/** Starts fauxqs with what its options do not offer, through the channel on which Fastify announces each new app. */
async function startAdapted(options: Parameters<typeof startFauxqs>[0]): Promise<FauxqsServer> {
  const adapt = (message: unknown) => {
    const { fastify } = message as { fastify: App };
    onlyOnLoopback(fastify);
    mendVisibilityZero(fastify);
  };
  subscribe("fastify.initialization", adapt);
  try {
    return await startFauxqs(options);
  } finally {
    unsubscribe("fastify.initialization", adapt);
  }
}

/** fauxqs binds 0.0.0.0 and asks nobody who they are. */
function onlyOnLoopback(app: App): void {
  const listen = app.listen.bind(app) as (options: object) => Promise<string>;
  Object.assign(app, { listen: (options: object) => listen({ ...options, host: "127.0.0.1" }) });
}

/**
 * fauxqs 2.4.1 with persistence fails on a visibility of 0 (NOT NULL constraint) and forgets the message until its next
 * start; one millisecond means the same and works.
 */
function mendVisibilityZero(app: App): void {
  app.addHook("preHandler", async ({ headers, body }) => {
    if (!String(headers["x-amz-target"]).startsWith("AmazonSQS.ChangeMessageVisibility")) return;
    const request = (body ?? {}) as Change & { Entries?: Change[] };
    for (const change of request.Entries ?? [request])
      if (change.VisibilityTimeout === 0) change.VisibilityTimeout = 0.001;
  });
}
