import { CONTENT_TYPES } from "@cloud-design/core/inventory/import";
import { sentKey, uploadKey } from "@cloud-design/core/inventory/import-keys";
import { createLog } from "@cloud-design/core/log";
import type { SQSRecord } from "aws-lambda";
import { expect, test } from "vitest";
import { IMPORT_SPLITTER } from "../shared/import-limits.ts";
import type { ImportMessage } from "../shared/import-message.ts";
import { handle, pauseSeconds, type SplitterDependencies } from "./splitter.ts";

const ID = "0c4f8a52-61a5-4d0e-9d3f-0d5f0f5b8c11";
const record = (messageId: string, body: unknown) =>
  ({
    messageId,
    body: JSON.stringify(body),
    attributes: { ApproximateReceiveCount: "3" },
  }) as SQSRecord;
const created = (key: string) => ({ Records: [{ s3: { bucket: { name: "evil" }, object: { key } } }] });

function deps(): SplitterDependencies & { keys: string[]; sent: ImportMessage[]; pauses: number[] } {
  const [keys, sent, pauses]: [string[], ImportMessage[], number[]] = [[], [], []];
  async function* body() {
    yield Buffer.from('{"title":"Playtime","description":""}\n');
  }
  return {
    keys,
    sent,
    pauses,
    objects: {
      async read(key) {
        keys.push(key);
        if (key === sentKey(ID) && !keys.includes(`written ${key}`)) return undefined;
        return { bytes: 38, contentType: CONTENT_TYPES.ndjson, body: body(), text: async () => "" };
      },
      write: async (key) => void keys.push(`written ${key}`),
    },
    send: async (messages) => void sent.push(...messages),
    retryLater: async (_, seconds) => void pauses.push(seconds),
    log: createLog("test"),
  };
}

test("the loaders hear that an import has begun, how much it is, and of each chunk", async () => {
  const given = deps();
  const event = { Records: [record("a", created(uploadKey(ID)))] };
  expect(await handle(event, given)).toEqual({ batchItemFailures: [] });
  expect(given.sent).toMatchObject([
    { import: ID, started: true },
    { import: ID, chunks: 1, rows: 1 },
    { import: ID, chunk: 0, rows: 1 },
  ]);
  expect(given.keys).toEqual([
    sentKey(ID),
    uploadKey(ID),
    `written imports/${ID}/chunks/0.ndjson`,
    `written reports/${ID}.ndjson`,
    `written ${sentKey(ID)}`,
  ]);
});

test("an upload that is announced again is not split again", async () => {
  const given = deps();
  const event = { Records: [record("a", created(uploadKey(ID))), record("b", created(uploadKey(ID)))] };
  expect(await handle(event, given)).toEqual({ batchItemFailures: [] });
  expect(await handle(event, given)).toEqual({ batchItemFailures: [] });
  expect(given.sent).toHaveLength(3);
  expect(given.keys.filter((key) => key === uploadKey(ID))).toHaveLength(1);
});

test.each([
  ["another key", created(`imports/${ID}/chunks/0.ndjson`)],
  ["a key outside", created(`imports/../${ID}/upload`)],
  ["one key of two outside", { Records: [...created("x").Records, ...created(uploadKey(ID)).Records] }],
  ["no object", { Records: [{}] }],
  ["no notification", "text"],
])("a message with %s is refused and soon a dead letter: nothing is read or sent", async (_, body) => {
  const given = deps();
  const event = { Records: [record("a", body)] };
  expect(await handle(event, given)).toEqual({ batchItemFailures: [{ itemIdentifier: "a" }] });
  expect([given.keys, given.sent, given.pauses]).toEqual([[], [], [1]]);
});

test("S3's test event starts no import and fails nothing", async () => {
  const given = deps();
  const event = { Records: [record("a", { Service: "Amazon S3", Event: "s3:TestEvent" })] };
  expect(await handle(event, given)).toEqual({ batchItemFailures: [] });
  expect(given.sent).toEqual([]);
});

test("what cannot be sent is split again after a pause: the message stays", async () => {
  const given = { ...deps(), send: () => Promise.reject(new Error("SQS is away")) };
  const event = { Records: [record("a", created(uploadKey(ID)))] };
  expect(await handle(event, given)).toEqual({ batchItemFailures: [{ itemIdentifier: "a" }] });
  expect(given.pauses).toEqual([60]);
  const retryLater = () => Promise.reject(new Error("SQS is away"));
  expect((await handle(event, { ...given, retryLater })).batchItemFailures).toHaveLength(1);
});

test("an outage of four hours dead-letters no file, and its first repetition is soon", () => {
  const pauses = Array.from({ length: IMPORT_SPLITTER.receivesMax - 1 }, (_, index) =>
    pauseSeconds({ attributes: { ApproximateReceiveCount: String(index + 1) } as SQSRecord["attributes"] }),
  );
  expect(pauses[0]).toBe(15);
  expect(pauses.reduce((sum, pause) => sum + pause)).toBeGreaterThan(4 * 3_600);
});
