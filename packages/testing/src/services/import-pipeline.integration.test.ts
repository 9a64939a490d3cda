import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { openDatabase } from "@cloud-design/core/database";
import { createImport, importFromId } from "@cloud-design/core/inventory";
import { CONTENT_TYPES, IMPORT_BYTES_MAX, type ImportFormat } from "@cloud-design/core/inventory/import";
import { chunkKey, reportKey, uploadKey } from "@cloud-design/core/inventory/import-keys";
import { openSqs } from "@cloud-design/core/sqs";
import { IMPORT_SPLITTER } from "@cloud-design/functions/shared/import-limits";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { startOnLoopback } from "@cloud-design/local/stand-ins/fauxqs";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";

const BUCKET = "imports";
/** So many chunks a second: the tests are about order and faults, and the budget has tests of its own. */
const SLOTS = 40;
/** A message of a killed function comes again after this. */
const VISIBILITY_SECONDS = 2;
const SOON = { timeout: 60_000, interval: 50 };

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
const database = openDatabase({ url: inject("moviesUrl"), name: "test" });
const functions = new Set<ChildProcess>();
let resources: AsyncDisposableStack;
let origin: string;
let directory: string;

beforeAll(async () => {
  resources = new AsyncDisposableStack();
  directory = resources.use(await temporaryDirectory()).path;
  const options = { port: 0, logger: false, defaultRegion: "eu-west-3", s3StorageDir: directory };
  const server = await startOnLoopback(
    options,
    () => true,
    (app) =>
      app.addHook("onRoute", (route) => {
        route.bodyLimit = IMPORT_BYTES_MAX;
      }),
  );
  resources.defer(() => server.stop());
  origin = `http://127.0.0.1:${server.port}`;
  server.setup({ buckets: [BUCKET], queues: [{ name: "imports" }, { name: "import-chunks" }] });
  Object.assign(process.env, environment());
  for (const queue of ["imports", "import-chunks"]) {
    const Attributes = { VisibilityTimeout: String(VISIBILITY_SECONDS) };
    await sqs(queue)("SetQueueAttributes", { QueueUrl: urlOf(queue), Attributes });
  }
  await admin`INSERT INTO import_slots (slot) SELECT generate_series(100, ${99 + SLOTS})`;
});
beforeEach(async () => {
  await admin`TRUNCATE movies, imports, import_chunks`;
  for (const queue of ["imports", "import-chunks"])
    await sqs(queue)("PurgeQueue", { QueueUrl: urlOf(queue) });
});
afterEach(() => Promise.all([...functions].map(kill)));
afterAll(async () => {
  await admin`DELETE FROM import_slots WHERE slot >= 100`;
  await Promise.all([admin.end(), database.close(), resources.disposeAsync()]);
});

const urlOf = (queue: string) => `${origin}/000000000000/${queue}`;
const sqs = (queue: string) => openSqs(urlOf(queue));
const environment = () => ({
  AWS_REGION: "eu-west-3",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_ENDPOINT_URL_S3: origin,
  AWS_ENDPOINT_URL_SQS: origin,
  IMPORTS_BUCKET: BUCKET,
  IMPORTS_QUEUE_URL: urlOf("imports"),
  IMPORT_CHUNKS_QUEUE_URL: urlOf("import-chunks"),
  DATABASE_URL: inject("moviesUrl"),
  LOG_LEVEL: "silent",
});

/** A process with a function and pollers before it, as Lambda has them: what is not reported as failed is deleted. */
function start(name: "import-splitter" | "import-loader", pollers = 1): ChildProcess {
  const queueUrl = urlOf(name === "import-splitter" ? "imports" : "import-chunks");
  const code = `
    import { handler } from "@cloud-design/functions/${name}";
    import { IMPORT_SPLITTER } from "@cloud-design/functions/shared/import-limits";
import { openSqs } from "@cloud-design/core/sqs";
    const QueueUrl = ${JSON.stringify(queueUrl)};
    const sqs = openSqs(QueueUrl, { answerSeconds: 60 });
    process.on("message", () => process.send(process.resourceUsage().maxRSS));
    const request = { QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 1, MessageSystemAttributeNames: ["All"] };
    const poll = async () => {
      for (;;) for (const message of (await sqs("ReceiveMessage", request)).Messages ?? []) {
        const { MessageId: messageId, ReceiptHandle: receiptHandle, Body: body, Attributes: attributes } = message;
        const event = { Records: [{ messageId, receiptHandle, body, attributes }] };
        const { batchItemFailures } = await handler(event, {});
        if (batchItemFailures.length === 0) await sqs("DeleteMessage", { QueueUrl, ReceiptHandle: receiptHandle });
      }
    };
    await Promise.all(Array.from({ length: ${pollers} }, poll));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, NODE_OPTIONS: IMPORT_SPLITTER.nodeOptions, ...environment() },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  functions.add(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  functions.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

const object = (key: string) => `${origin}/${BUCKET}/${key}`;
const readImport = (id: string) => database.run((db) => importFromId(db, id, "ann"));
const titles = async () => (await admin`SELECT title FROM movies ORDER BY title`).map(({ title }) => title);
const hashOf = (file: string) => createHash("sha256").update(file).digest("hex");

/** Announces a file and uploads it, or another one in its place; S3's notification is a step of its own. */
async function upload(format: ImportFormat, announced: string, file = announced): Promise<string> {
  const body = { format, bytes: Buffer.byteLength(announced), sha256: hashOf(announced) };
  const { id } = await database.run((db) => createImport(db, body, "ann"));
  const headers = { "content-type": CONTENT_TYPES[format] };
  expect((await fetch(object(uploadKey(id)), { method: "PUT", headers, body: file })).status).toBe(200);
  return id;
}

/** As S3 does, which names a bucket; the function has its own. */
async function notify(id: string, key = uploadKey(id)): Promise<void> {
  const records = [
    { eventName: "ObjectCreated:Post", s3: { bucket: { name: "evil" }, object: { key, size: 1 } } },
  ];
  await sqs("imports")("SendMessage", {
    QueueUrl: urlOf("imports"),
    MessageBody: JSON.stringify({ Records: records }),
  });
}

async function untilEnded(id: string) {
  await expect.poll(async () => (await readImport(id))?.state, SOON).toMatch(/done|failed/);
  return readImport(id);
}

/** The messages of a queue, whether or not a function has them. */
async function waiting(queue: string): Promise<number> {
  const request = { QueueUrl: urlOf(queue), AttributeNames: ["All"] };
  const { Attributes } = (await sqs(queue)("GetQueueAttributes", request)) as {
    Attributes: Record<string, string>;
  };
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: taken } = Attributes;
  return Number(visible) + Number(taken);
}

/** Empties a queue, and returns the bodies in it. */
async function takeAll(queue: string): Promise<string[]> {
  const request = { QueueUrl: urlOf(queue), MaxNumberOfMessages: 10 };
  const bodies: string[] = [];
  while ((await waiting(queue)) > 0) {
    const { Messages = [] } = (await sqs(queue)("ReceiveMessage", request)) as {
      Messages?: { Body: string; ReceiptHandle: string }[];
    };
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body);
      await sqs(queue)("DeleteMessage", { QueueUrl: urlOf(queue), ReceiptHandle });
    }
  }
  return bodies;
}

const ndjson = (count: number, name = "Film") =>
  Array.from(
    { length: count },
    (_, index) => `{"title":"${name} ${index}","description":"${"d".repeat(50)}"}\n`,
  ).join("");
const filmsOf = (count: number, name = "Film") =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`).toSorted();

test("a file goes in, its bad rows are reported, and the same file again adds nothing", async () => {
  start("import-splitter");
  start("import-loader", 4);
  const rows = Array.from({ length: 2_000 }, (_, index) =>
    index % 33 === 0 ? `,${index}` : `Film ${index},plot`,
  );
  const file = ["title,description", ...rows, "Film 1, plot "].join("\r\n");
  const id = await upload("csv", file);
  expect(await readImport(id)).toMatchObject({ state: "awaiting_upload" });
  await notify(id);
  const counts = { total: 1_939, done: 1_939, bad: 61, duplicates: 1 };
  expect(await untilEnded(id)).toMatchObject({ state: "done", rows: { ...counts, added: 1_939 } });
  expect(await titles()).toHaveLength(1_939);
  const report = (await (await fetch(object(reportKey(id)))).text()).trimEnd().split("\n");
  expect(report).toHaveLength(61);
  expect(JSON.parse(report[1] ?? "")).toEqual({ line: 35, reason: "title must not be blank" });

  const again = await upload("csv", file);
  await notify(again);
  expect(await untilEnded(again)).toMatchObject({ state: "done", rows: { ...counts, added: 0 } });
  expect(await titles()).toHaveLength(1_939);
});

test("functions killed five times in the middle end with the same table", async () => {
  const count = 20_000;
  const id = await upload("ndjson", ndjson(count));
  await notify(id);
  let splitter = start("import-splitter");
  // The first chunk is in the bucket, and the file is not split yet.
  await expect.poll(async () => (await fetch(object(chunkKey(id, 0)))).status, SOON).toBe(200);
  await kill(splitter);
  splitter = start("import-splitter");
  let loaders = start("import-loader", 4);
  for (let killed = 1; killed <= 5; killed++) {
    const done = async () => (await readImport(id))?.rows.done ?? 0;
    await expect.poll(done, SOON).toBeGreaterThanOrEqual(killed * 2_500);
    expect(await readImport(id)).toMatchObject({ state: "running" });
    await kill(loaders);
    loaders = start("import-loader", 4);
  }
  expect(await untilEnded(id)).toMatchObject({
    state: "done",
    rows: { total: count, done: count, added: count },
  });
  expect(await titles()).toEqual(filmsOf(count));
});

test("messages that arrive twice and in any order give the same table", async () => {
  const id = await upload("ndjson", ndjson(3_000));
  await notify(id);
  await notify(id);
  const splitter = start("import-splitter");
  await expect.poll(() => waiting("imports"), SOON).toBe(0);
  await kill(splitter);
  const messages = await takeAll("import-chunks");
  // That it has begun, the plan, and six chunks: the second notification is skipped.
  expect(messages).toHaveLength(8);
  for (const MessageBody of [...messages, ...messages].toReversed())
    await sqs("import-chunks")("SendMessage", { QueueUrl: urlOf("import-chunks"), MessageBody });
  start("import-loader", 4);
  expect(await untilEnded(id)).toMatchObject({ state: "done", rows: { done: 3_000, added: 3_000 } });
  await expect.poll(() => waiting("import-chunks"), SOON).toBe(0);
  expect(await titles()).toEqual(filmsOf(3_000));
});

test("two imports at once both end", async () => {
  start("import-splitter", 2);
  start("import-loader", 3);
  start("import-loader", 3);
  const ids = await Promise.all(["Left", "Right"].map((name) => upload("ndjson", ndjson(4_000, name))));
  await Promise.all(ids.map((id) => notify(id)));
  for (const id of ids) expect(await untilEnded(id)).toMatchObject({ state: "done", rows: { added: 4_000 } });
  expect(await titles()).toEqual([...filmsOf(4_000, "Left"), ...filmsOf(4_000, "Right")]);
});

test.each<[string, (file: string) => Promise<string>]>([
  ["checksum_mismatch", (file) => upload("ndjson", file, file.replace("Film 7", "Film X"))],
  ["bad_header", (file) => upload("csv", file)],
  [
    "payload_gone",
    async (file) => {
      const id = await upload("ndjson", file);
      await fetch(object(uploadKey(id)), { method: "DELETE" });
      return id;
    },
  ],
])(
  "an import whose file is of no use fails with its reason, and loads nothing: %s",
  async (reason, prepare) => {
    start("import-splitter");
    start("import-loader", 2);
    const id = await prepare(ndjson(1_200));
    await notify(id);
    expect(await untilEnded(id)).toMatchObject({ state: "failed", reason, rows: { done: 0 } });
    await expect.poll(() => waiting("import-chunks"), SOON).toBe(0);
    expect(await titles()).toEqual([]);
  },
);

test("a chunk that is deleted before it is loaded fails its import", async () => {
  const id = await upload("ndjson", ndjson(1_000));
  await notify(id);
  start("import-splitter");
  // That it has begun, the plan, and two chunks.
  await expect.poll(() => waiting("import-chunks"), SOON).toBe(4);
  await fetch(object(chunkKey(id, 1)), { method: "DELETE" });
  start("import-loader");
  expect(await untilEnded(id)).toMatchObject({ state: "failed", reason: "payload_gone" });
  expect(await titles()).not.toContain("Film 999");
  // Its loader has given its slot back, and not kept it for the whole lease.
  expect(await admin`SELECT slot FROM import_slots WHERE free_at > now() + interval '2 seconds'`).toEqual([]);
});

test("a message that names another object is refused: nothing is read, and it stays until it is a dead letter", async () => {
  const id = await upload("ndjson", ndjson(10));
  const others = [
    `imports/${id}/chunks/0.ndjson`,
    `imports/${id}/../upload`,
    `reports/${id}.ndjson`,
    "upload",
  ];
  for (const key of others) await notify(id, key);
  await sqs("imports")("SendMessage", { QueueUrl: urlOf("imports"), MessageBody: "no JSON" });
  await notify(id);
  start("import-splitter");
  start("import-loader");
  expect(await untilEnded(id)).toMatchObject({ state: "done", rows: { done: 10 } });
  expect(await waiting("imports")).toBe(others.length + 1);
});

test("a file of 25 MiB is split with less than 180 MB of memory", async () => {
  const description = "A plot of some length, as films have it. ".repeat(4);
  let file = "title,description\n";
  for (let index = 0; file.length < 25 * 1024 * 1024 - 300; index++)
    file += `Film ${index},"${description}${index}"\n`;
  const id = await upload("csv", file);
  const splitter = start("import-splitter");
  await notify(id);
  await expect.poll(() => waiting("import-chunks"), SOON).toBeGreaterThan(200);
  splitter.send("memory");
  const [kilobytes] = await once(splitter, "message");
  expect(kilobytes).toBeLessThan(180_000);
});
