import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { LogLine } from "@cloud-design/core/log-line";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sqs, startSqs } from "./server.ts";

let stateDirectory: string;
let sqs: Sqs;
let client: SQSClient;
const children: ChildProcess[] = [];

beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), "sqs-"));
  sqs = await start();
  client = clientOf(sqs.port);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  client.destroy();
  await sqs.stop();
  await rm(stateDirectory, { recursive: true });
});

describe("the SQS stand-in", () => {
  it("keeps body and message attributes as they were sent", async () => {
    await send("Ünïcode", { traceparent: "00-1-2-01" });
    const [message] = await receive();
    expect(message?.Body).toBe("Ünïcode");
    expect(message?.MessageAttributes).toEqual({
      traceparent: { DataType: "String", StringValue: "00-1-2-01" },
    });
    expect(message?.Attributes?.ApproximateReceiveCount).toBe("1");
  });

  it("sends, receives and deletes in batches of ten", async () => {
    const Entries = Array.from({ length: 10 }, (_, id) => ({ Id: String(id), MessageBody: `body ${id}` }));
    const sent = await client.send(
      new SendMessageBatchCommand({ QueueUrl: sqs.ordersUrls.standard, Entries }),
    );
    expect(sent.Successful).toHaveLength(10);
    const received = await receive({ MaxNumberOfMessages: 10 });
    expect(received.map((message) => message.Body).sort()).toEqual(
      Entries.map((entry) => entry.MessageBody).sort(),
    );
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: sqs.ordersUrls.standard,
        Entries: received.map(({ ReceiptHandle }, id) => ({ Id: String(id), ReceiptHandle })),
      }),
    );
    expect(await queueDepth(client, sqs.ordersUrls.standard)).toEqual({
      visible: 0,
      inFlight: 0,
      delayed: 0,
    });
  });

  it.each([0, 1])(
    "shows a message again %i s after its visibility timeout was set to that",
    async (seconds) => {
      await send("again");
      const [first] = await receive();
      await changeVisibility(first, seconds);
      const [second] = await receive({ WaitTimeSeconds: 3 });
      expect(second?.MessageId).toBe(first?.MessageId);
      expect(second?.Attributes?.ApproximateReceiveCount).toBe("2");
    },
  );

  it("hides a received message for 180 s unless told otherwise", async () => {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: sqs.ordersUrls.standard, AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({ VisibilityTimeout: "180", MessageRetentionPeriod: "1209600" });
  });

  it("moves a message to the dead letters after the last allowed receive", async () => {
    await send("poison", { order: "o-1" });
    for (let receives = 0; receives < 2; receives++) {
      const [message] = await receive({ WaitTimeSeconds: 1 });
      await changeVisibility(message, 0);
    }
    expect(await receive({ WaitTimeSeconds: 1 })).toEqual([]);
    const [dead] = await receive({ QueueUrl: sqs.deadLettersUrl });
    expect(dead?.Body).toBe("poison");
    expect(dead?.MessageAttributes?.order?.StringValue).toBe("o-1");
  });

  it("serves other requests while a long poll waits, and ends the poll with the first message", async () => {
    const startedAt = performance.now();
    const waiting = receive({ WaitTimeSeconds: 20 });
    await send("hello");
    expect((await waiting)[0]?.Body).toBe("hello");
    // Less than the poll's own limit: the message ended it.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it("keeps messages, receive counts and queues over a restart with another limit and port", async () => {
    await send("kept", { order: "o-1" });
    await changeVisibility((await receive())[0], 0);
    await sqs.stop();
    sqs = await start(7);
    client = clientOf(sqs.port);
    const [message] = await receive({ WaitTimeSeconds: 1 });
    expect(message?.Body).toBe("kept");
    expect(message?.MessageAttributes?.order?.StringValue).toBe("o-1");
    expect(message?.Attributes?.ApproximateReceiveCount).toBe("2");
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: sqs.ordersUrls.standard, AttributeNames: ["RedrivePolicy"] }),
    );
    expect(JSON.parse(Attributes?.RedrivePolicy ?? "{}")).toMatchObject({ maxReceiveCount: 7 });
  });

  it("answers on the loopback interface only", async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === "IPv4" && !address.internal);
    if (!outside) return;
    await expect(fetch(`http://${outside.address}:${sqs.port}/health`)).rejects.toThrow("fetch failed");
  });
});

describe("the SQS process", () => {
  it("has every answered message after kill -9", async () => {
    const state = join(stateDirectory, "killed");
    const first = await startProcess(state);
    const url = `http://127.0.0.1:${first.port}/000000000000/orders`;
    const firstClient = clientOf(first.port);
    const answered: string[] = [];
    const sending = (async () => {
      for (let id = 0; ; id++) {
        await firstClient.send(new SendMessageCommand({ QueueUrl: url, MessageBody: String(id) }));
        answered.push(String(id));
        if (id === 100) first.process.kill("SIGKILL");
      }
    })();
    await expect(sending).rejects.toThrow();
    firstClient.destroy();
    const second = await startProcess(state);
    const found = new Set(await drainBodies(second.port));
    expect(answered.filter((id) => !found.has(id))).toEqual([]);
    second.process.kill("SIGTERM");
    expect(await once(second.process, "exit")).toEqual([0, null]);
  });

  it("says in one line of its log which settings are missing", async () => {
    const { PATH } = process.env;
    const child = spawn(process.execPath, [mainPath], { env: { PATH }, stdio: ["ignore", "pipe", "pipe"] });
    const [line] = await once(child.stdout, "data");
    await once(child, "exit");
    expect(child.exitCode).toBe(1);
    const { level, err } = LogLine.parse(JSON.parse(String(line)));
    expect(level).toBe("fatal");
    expect(err?.message).toMatch(/PORT.*STATE_DIRECTORY.*AWS_REGION/);
  });
});

const mainPath = new URL("main.ts", import.meta.url).pathname;

function start(receivesMax = 2): Promise<Sqs> {
  return startSqs({ port: 0, region: "eu-west-3", stateDirectory, receivesMax });
}

function clientOf(port: number): SQSClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return new SQSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-west-3",
    credentials,
    maxAttempts: 1,
  });
}

async function send(body: string, attributes: Record<string, string> = {}): Promise<void> {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
  );
  await client.send(
    new SendMessageCommand({ QueueUrl: sqs.ordersUrls.standard, MessageBody: body, MessageAttributes }),
  );
}

async function receive(
  options: Partial<ConstructorParameters<typeof ReceiveMessageCommand>[0]> = {},
): Promise<Message[]> {
  const { Messages } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: sqs.ordersUrls.standard,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
      ...options,
    }),
  );
  return Messages ?? [];
}

async function changeVisibility(message: Message | undefined, seconds: number): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: sqs.ordersUrls.standard,
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
}

async function drainBodies(port: number): Promise<string[]> {
  const client = clientOf(port);
  const bodies: string[] = [];
  for (;;) {
    const { Messages } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: `http://127.0.0.1:${port}/000000000000/orders`,
        MaxNumberOfMessages: 10,
      }),
    );
    if (!Messages?.length) break;
    bodies.push(...Messages.map((message) => message.Body ?? ""));
  }
  client.destroy();
  return bodies;
}

async function startProcess(state: string): Promise<{ process: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [mainPath], {
    env: { PORT: "0", STATE_DIRECTORY: state, AWS_REGION: "eu-west-3" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const { port } = JSON.parse(line);
    if (port) return { process: child, port };
  }
  throw new Error("the process ended before it listened");
}
