import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryDirectory } from "../servers/temporary-directory.ts";
import { startBucket } from "./cloudfront/bucket.ts";
import { startSqs } from "./sqs/server.ts";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let bucket: Awaited<ReturnType<typeof startBucket>>;
let sqs: Awaited<ReturnType<typeof startSqs>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const common = { port: 0, region: "eu-west-3" };
  const state = (name: string) => join(directory.path, "state", name);
  bucket = await startBucket({
    ...common,
    stateDirectory: state("s3"),
    gatewayLog: join(directory.path, "gateway.log"),
    importsQueueUrl: "http://127.0.0.1:1/000000000000/imports",
  });
  sqs = await startSqs({ ...common, stateDirectory: state("sqs"), receivesMax: 5 });
});
afterAll(async () => {
  await Promise.all([bucket.stop(), sqs.stop()]);
  await directory[Symbol.asyncDispose]();
});

const origin = (door: "s3" | "sqs") =>
  door === "s3" ? new URL(bucket.url).origin : `http://127.0.0.1:${sqs.port}`;

/** As a browser sends it without a preflight: no header of its own, one of three content types. */
const FORM = "application/x-www-form-urlencoded";

function upload(key: string): RequestInit {
  const form = new FormData();
  form.set("key", key);
  form.set("file", new Blob(["<script>"], { type: "text/html" }), "page.html");
  return { method: "POST", body: form };
}

describe("a form of a web page, sent without an Origin,", () => {
  test.each(["../../../written", "status/index.html", "written"])(
    "cannot upload %s into the bucket",
    async (key) => {
      expect((await fetch(bucket.url, upload(key))).status).toBe(403);
      expect(await readdir(directory.path)).not.toContain("written");
      expect((await fetch(`${bucket.url}/${key.replaceAll("../", "")}`)).status).toBe(404);
    },
  );

  test.each([
    ["s3", "/", "Action=CreateTopic&Name=orders"],
    ["sqs", "/", "Action=CreateTopic&Name=orders"],
    ["sqs", "/", "Action=Publish&TopicArn=arn:aws:sns:eu-west-3:000000000000:orders&Message=order"],
    ["sqs", "/000000000000/orders", "Action=SendMessage&MessageBody=order"],
    ["sqs", "/", "Action=GetCallerIdentity"],
  ] as const)("has no effect on %s%s with %s", async (door, path, body) => {
    const headers = { "content-type": FORM };
    const answer = await fetch(origin(door) + path, { method: "POST", headers, body });
    expect(answer.status).toBe(403);
  });
});

describe("an operation that no part of the platform needs", () => {
  test.each([
    ["DELETE", "/site/status/index.html"],
    ["DELETE", "/site"],
    ["PUT", "/another-bucket"],
    ["GET", "/"],
    ["GET", "/site?list-type=2"],
    ["POST", "/site?delete"],
    ["OPTIONS", "/site/status/index.html"],
  ])("%s %s is refused", async (method, path) => {
    expect((await fetch(origin("s3") + path, { method })).status).toBe(403);
  });

  test.each(["GET", "PUT", "DELETE", "OPTIONS"])(
    "%s is refused by SQS, and so are its neighbours",
    async (method) => {
      expect((await fetch(`${origin("sqs")}/site/key`, { method })).status).toBe(403);
    },
  );
});

test.each([
  "..%2f..%2fescaped",
  "%2e%2e/%2e%2e/escaped",
  "a/..%5c..%5cescaped",
  "..%00/escaped",
  "a//escaped",
  "%252e%252e%252fescaped",
])("a key that leads out of the bucket is refused: %s", async (key) => {
  const answer = await fetch(`${bucket.url}/${key}`, { method: "PUT", body: "x" });
  expect(answer.status).toBe(403);
  expect(existsSync(join(directory.path, "escaped"))).toBe(false);
});

test.each(["s3", "sqs"] as const)("%s refuses a page of another site", async (door) => {
  for (const headers of [{ origin: "https://attacker.example" }, { "sec-fetch-site": "cross-site" }]) {
    const target = door === "sqs" ? "AmazonSQS.ListQueues" : "Logs_20140328.FilterLogEvents";
    const asked = fetch(origin(door), {
      method: "POST",
      headers: { ...headers, "x-amz-target": target },
      body: "{}",
    });
    const answer = await asked;
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining("pages of other sites"),
    ]);
  }
});
