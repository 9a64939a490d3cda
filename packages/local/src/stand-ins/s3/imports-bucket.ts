import { randomUUID } from "node:crypto";
import type { AwsCall } from "@cloud-design/core/aws";
import type { FauxqsApp } from "../fauxqs.ts";
import { IMPORTS_BUCKET } from "./bucket-name.ts";
import { checkedUpload, type Upload } from "./post-policy.ts";
import { S3Refusal, verifyRequest } from "./signature.ts";

/** Above the largest file that a policy allows, with the fields of its form. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;
/** Marks the request that a checked form becomes. */
const CHECKED = { "x-checked": randomUUID() };

interface Notified {
  region: string;
  queueUrl: string;
  sqs: AwsCall;
}

/**
 * Makes fauxqs check what reaches the bucket of imports, which it does not by itself: the signature of each request, and the policy of a form.
 * SQS has the event before an upload is answered; if it does not answer, the client gets S3's 503 and sends the file again.
 */
export function guardImports(app: FauxqsApp, { region, queueUrl, sqs }: Notified): void {
  app.addHook("onRoute", (route) => {
    if (/POST|PUT/.test(String(route.method)) && route.url.startsWith("/:bucket"))
      route.bodyLimit = BODY_BYTES_MAX;
  });
  app.addHook("preHandler", async ({ headers, body, originalUrl: url, method }, reply) => {
    if (!isInImports(url) || headers["x-checked"] === CHECKED["x-checked"]) return;
    try {
      if (method !== "POST") return verifyRequest({ method, url, headers });
      const upload = await checkedUpload(IMPORTS_BUCKET, await formOf(headers["content-type"], body));
      const etag = await store(app, upload);
      await sqs("SendMessage", { QueueUrl: queueUrl, MessageBody: eventOf(upload, { etag, region }) });
      await reply.code(204).header("etag", etag).send();
    } catch (error) {
      const refusal =
        error instanceof S3Refusal
          ? error
          : new S3Refusal(503, "ServiceUnavailable", "Reduce your request rate.");
      await reply.code(refusal.status).type("application/xml").send(refusal.toXml());
    }
  });
}

function isInImports(url: string): boolean {
  return /^\/imports(?:[/?]|$)/.test(url);
}

async function formOf(contentType = "", body: unknown): Promise<FormData> {
  return new Response(body as Buffer<ArrayBuffer>, { headers: { "content-type": contentType } })
    .formData()
    .catch(() => {
      throw new S3Refusal(
        400,
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data.",
      );
    });
}

/** As a PUT, with which fauxqs keeps the checksum too. Resolves with the object's ETag. */
async function store(app: FauxqsApp, { key, contentType, sha256, content }: Upload): Promise<string> {
  const answer = await app.inject({
    method: "PUT",
    url: `/${IMPORTS_BUCKET}/${key}`,
    headers: {
      ...CHECKED,
      host: "localhost",
      "content-type": contentType,
      ...(sha256 !== undefined && { "x-amz-checksum-sha256": sha256 }),
    },
    payload: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
  });
  if (answer.statusCode !== 200) throw new Error(`fauxqs did not store the object: ${answer.statusCode}`);
  return String(answer.headers.etag);
}

/** S3 user guide, "Event message structure". */
function eventOf({ key, content }: Upload, { etag, region }: { etag: string; region: string }): string {
  const record = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: new Date().toISOString(),
    eventName: "ObjectCreated:Post",
    s3: {
      s3SchemaVersion: "1.0",
      bucket: { name: IMPORTS_BUCKET, arn: `arn:aws:s3:::${IMPORTS_BUCKET}` },
      object: {
        // As in a form, but for its slashes.
        key: key.split("/").map(encodeURIComponent).join("/").replaceAll("%20", "+"),
        size: content.length,
        eTag: etag.replaceAll('"', ""),
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}
