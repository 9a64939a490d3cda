import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openSqs } from "@cloud-design/core/sqs";
import {
  ASSETS_KEY,
  DEPLOYMENT_KEY,
  INCIDENTS_KEY,
  PAGE_KEY,
} from "@cloud-design/functions/shared/status-keys";
import { openStore } from "@cloud-design/functions/shared/status-store";
import { startOnLoopback } from "../fauxqs.ts";
import { IMPORTS_BUCKET } from "../s3/bucket-name.ts";
import { guardImports } from "../s3/imports-bucket.ts";
import { BUCKET } from "./bucket-name.ts";
import { answerLogEvents } from "./gateway-journal.ts";

export interface SiteBucket {
  /** Path-style: the bucket's name is the first part of the path. */
  url: string;
  stop(): Promise<void>;
}

/**
 * S3 with the site's bucket and the one of imports and, on the same port, CloudWatch Logs with the gateway's log. Safe to start again on the same
 * state.
 */
export async function startBucket(options: {
  port: number;
  region: string;
  stateDirectory: string;
  gatewayLog: string;
  importsQueueUrl: string;
}): Promise<SiteBucket> {
  const { port, region, stateDirectory, gatewayLog, importsQueueUrl: queueUrl } = options;
  const server = await startOnLoopback(
    { port, logger: false, defaultRegion: region, s3StorageDir: stateDirectory },
    ({ method, path, target }) =>
      method === "POST"
        ? target.startsWith("Logs_20140328.") || path === `/${IMPORTS_BUCKET}`
        : isObject(method, path),
    (app) => {
      answerLogEvents(app, gatewayLog);
      guardImports(app, { region, queueUrl, sqs: openSqs(queueUrl) });
    },
  );
  server.setup({ buckets: [BUCKET, IMPORTS_BUCKET] });
  return { url: `http://127.0.0.1:${server.port}/${BUCKET}`, stop: () => server.stop() };
}

/** Whether the path is an object of a bucket, under a key that stays in it. */
function isObject(method: string, path: string): boolean {
  const [bucket, ...key] = path.split("/").slice(1);
  const isName = (part: string) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part);
  return (
    ["GET", "HEAD", "PUT"].includes(method) &&
    (bucket === BUCKET || bucket === IMPORTS_BUCKET) &&
    key.length > 0 &&
    key.every(isName)
  );
}

/** Uploads the files that a deployment puts into the bucket for the probe. A page that the probe has written stays. */
export async function deployStatus(siteDirectory: string): Promise<void> {
  const store = openStore(BUCKET);
  const built = (key: string) => readFileSync(join(siteDirectory, key), "utf8");
  const deployment = JSON.stringify({ version: siteDirectory });
  if ((await store.read(DEPLOYMENT_KEY)) !== deployment)
    await store.write(DEPLOYMENT_KEY, "application/json", deployment);
  for (const key of [ASSETS_KEY, INCIDENTS_KEY]) await store.write(key, "application/json", built(key));
  if ((await store.writtenAt(PAGE_KEY)) === undefined)
    await store.write(PAGE_KEY, "text/html; charset=utf-8", built(PAGE_KEY));
}
