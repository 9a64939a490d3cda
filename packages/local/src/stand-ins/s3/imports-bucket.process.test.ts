import { createHash } from "node:crypto";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { openImportFiles } from "@cloud-design/containers/inventory/import-files";
import { reportKey, uploadKey } from "@cloud-design/core/inventory/import-keys";
import { openSqs } from "@cloud-design/core/sqs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryDirectory } from "../../servers/temporary-directory.ts";
import { type SiteBucket, startBucket } from "../cloudfront/bucket.ts";
import { type Sqs, startSqs } from "../sqs/server.ts";
import { Received } from "../sqs-event-source/to-event.ts";
import { IMPORTS_BUCKET } from "./bucket-name.ts";
import { checkedUpload } from "./post-policy.ts";
import { verifyRequest } from "./signature.ts";

const ID = "0b6c9f3e-4d9a-4c1e-9a57-6f0a3c2b1d7e";
const FILE = "title,description\nAlien,1979\n";
const REGION = "eu-west-3";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let sqs: Sqs;
let bucket: SiteBucket;
let queueUrl: string;
let s3Url: string;

beforeAll(async () => {
  vi.stubEnv("AWS_REGION", REGION);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  directory = await temporaryDirectory();
  sqs = await startSqs({ port: 0, region: REGION, stateDirectory: join(directory.path, "sqs") });
  queueUrl = sqs.ordersUrls.standard.replace(/orders$/, "imports");
  bucket = await startBucket({
    port: 0,
    region: REGION,
    stateDirectory: join(directory.path, "s3"),
    gatewayLog: join(directory.path, "gateway.log"),
    importsQueueUrl: queueUrl,
  });
  s3Url = new URL(bucket.url).origin;
  vi.stubEnv("AWS_ENDPOINT_URL_S3", s3Url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([bucket.stop(), sqs.stop()]);
  await directory[Symbol.asyncDispose]();
});

const announced = (file = FILE) => ({
  format: "csv" as const,
  bytes: Buffer.byteLength(file),
  sha256: createHash("sha256").update(file).digest("hex"),
});
const form = () => openImportFiles(IMPORTS_BUCKET).upload(ID, announced());

function filled(fields: Record<string, string>, file = FILE): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  data.set("file", new Blob([file]), "films.csv");
  return data;
}

async function send(fields: Record<string, string>, file = FILE): Promise<[number, string | undefined]> {
  const { url } = await form();
  const answer = await fetch(url, { method: "POST", body: filled(fields, file) });
  return [answer.status, /<Code>(\w+)</.exec(await answer.text())?.[1]];
}

async function receive() {
  const answer = await openSqs(queueUrl)("ReceiveMessage", {
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ["All"],
  });
  return Received.parse(answer).Messages;
}

test("a file that fits its form is stored with its checksum, and SQS has the event by then", async () => {
  const { fields } = await form();
  expect(await send(fields)).toEqual([204, undefined]);
  const [message, ...others] = await receive();
  expect(others).toEqual([]);
  expect(JSON.parse(message?.Body ?? "")).toMatchObject({
    Records: [
      {
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Post",
        s3: {
          bucket: { name: IMPORTS_BUCKET },
          object: {
            key: uploadKey(ID),
            size: announced().bytes,
            eTag: expect.stringMatching(/^\w+$/),
          },
        },
      },
    ],
  });
  const stored = await new S3Client({ forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: IMPORTS_BUCKET, Key: uploadKey(ID), ChecksumMode: "ENABLED" }),
  );
  expect(await stored.Body?.transformToString()).toBe(FILE);
  expect(stored.ContentType).toBe("text/csv");
  expect(stored.ChecksumSHA256).toBe(createHash("sha256").update(FILE).digest("base64"));
});

test("while SQS is away an upload gets S3's 503, so that the client sends it again", async () => {
  const alone = await startBucket({
    port: 0,
    region: REGION,
    stateDirectory: join(directory.path, "alone"),
    gatewayLog: join(directory.path, "gateway.log"),
    importsQueueUrl: "http://127.0.0.1:1/000000000000/imports",
  });
  const { fields } = await form();
  const url = `${new URL(alone.url).origin}/${IMPORTS_BUCKET}`;
  expect((await fetch(url, { method: "POST", body: filled(fields) })).status).toBe(503);
  await alone.stop();
});

describe("a form is refused", () => {
  const swapped = `${FILE.slice(0, -5)}1978\n`;
  test.each<[string, number, string, (fields: Record<string, string>) => Record<string, string>, string?]>([
    ["for another key", 403, "AccessDenied", (fields) => ({ ...fields, key: uploadKey("other") })],
    ["for a key outside its import", 403, "AccessDenied", (fields) => ({ ...fields, key: reportKey(ID) })],
    ["with another type", 403, "AccessDenied", (fields) => ({ ...fields, "Content-Type": "text/html" })],
    [
      "with a field that no condition names",
      403,
      "AccessDenied",
      (fields) => ({ ...fields, acl: "public-read" }),
    ],
    ["with a byte more", 400, "EntityTooLarge", (fields) => fields, `${FILE}x`],
    ["with a byte less", 400, "EntityTooSmall", (fields) => fields, FILE.slice(1)],
    ["with another file of this length", 400, "BadDigest", (fields) => fields, swapped],
    [
      "with the checksum of another file",
      403,
      "AccessDenied",
      (fields) => ({
        ...fields,
        "x-amz-checksum-sha256": createHash("sha256").update(swapped).digest("base64"),
      }),
      swapped,
    ],
    [
      "with a longer life",
      403,
      "SignatureDoesNotMatch",
      (fields) => ({ ...fields, Policy: postponed(fields.Policy ?? "") }),
    ],
    [
      "with another signature",
      403,
      "SignatureDoesNotMatch",
      (fields) => ({ ...fields, "X-Amz-Signature": "00" }),
    ],
    [
      "from another account",
      403,
      "InvalidAccessKeyId",
      (fields) => ({ ...fields, "X-Amz-Credential": "eve/x" }),
    ],
    ["without a policy", 403, "InvalidAccessKeyId", () => ({ key: uploadKey(ID) })],
  ])("%s", async (_what, status, code, change, file) => {
    const { fields } = await form();
    expect(await send(change(fields), file)).toEqual([status, code]);
    expect(await receive()).toEqual([]);
  });

  test("after five minutes", async () => {
    const { fields, valid_seconds } = await form();
    expect(valid_seconds).toBe(300);
    const later = (seconds: number) =>
      checkedUpload(IMPORTS_BUCKET, filled(fields), Date.now() + seconds * 1_000);
    await expect(later(290)).resolves.toMatchObject({ key: uploadKey(ID) });
    await expect(later(301)).rejects.toThrow("Policy expired.");
  });
});

function postponed(policy: string): string {
  const { expiration, ...rest } = JSON.parse(Buffer.from(policy, "base64").toString());
  return Buffer.from(JSON.stringify({ expiration: expiration.replace(/^\d+/, "2999"), ...rest })).toString(
    "base64",
  );
}

describe("a report", () => {
  const url = () => openImportFiles(IMPORTS_BUCKET).reportUrl(ID);

  test("is read by its address, which is for one key and five minutes", async () => {
    const Key = reportKey(ID);
    const put = new PutObjectCommand({ Bucket: IMPORTS_BUCKET, Key, Body: '{"line":3}\n' });
    await new S3Client({ forcePathStyle: true }).send(put);
    const address = new URL(await url());
    expect(await (await fetch(address)).text()).toBe('{"line":3}\n');
    expect((await fetch(address.href.replace(Key, uploadKey(ID)))).status).toBe(403);
    expect((await fetch(new URL(address.pathname, address))).status).toBe(403);
    const request = {
      method: "GET",
      url: address.pathname + address.search,
      headers: { host: address.host },
    };
    const later = (seconds: number) => verifyRequest(request, Date.now() + seconds * 1_000);
    expect(() => later(290)).not.toThrow();
    expect(() => later(301)).toThrow("Request has expired");
  });

  test("cannot be written by the address to read it, nor without a signature", async () => {
    expect((await fetch(await url(), { method: "PUT", body: "x" })).status).toBe(403);
    expect(
      (await fetch(`${s3Url}/${IMPORTS_BUCKET}/${reportKey(ID)}`, { method: "PUT", body: "x" })).status,
    ).toBe(403);
  });
});
