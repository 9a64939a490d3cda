import { parseEnvironment } from "@cloud-design/core/environment";
import { drain, listen, runStandIn } from "../stand-in.ts";
import { deployStatus, startBucket } from "./bucket.ts";
import { CloudFrontEnvironment } from "./env.ts";
import { createSite } from "./server.ts";

/** The time-out of the Lambda function, so that a request takes no longer here than there. */
const API_SECONDS = 10;
/** Longer than any request to the API, and short enough for a person who pressed Ctrl-C. */
const DRAIN_SECONDS = 12;

await runStandIn("site", async (log) => {
  const environment = parseEnvironment(CloudFrontEnvironment);
  const bucket = await startBucket({
    port: environment.S3_PORT,
    region: environment.AWS_REGION,
    stateDirectory: environment.STATE_DIRECTORY,
    gatewayLog: environment.GATEWAY_LOG,
    importsQueueUrl: environment.IMPORTS_QUEUE_URL,
  });
  await deployStatus(environment.SITE_DIRECTORY);
  const server = createSite({
    directory: environment.SITE_DIRECTORY,
    gatewayUrl: environment.GATEWAY_URL,
    telemetryUrl: environment.TELEMETRY_URL,
    bucketUrl: bucket.url,
    siteUrl: environment.SITE_URL,
    movedPorts: environment.MOVED_PORTS,
    apiSeconds: API_SECONDS,
  });
  log.info(
    { port: await listen(server, environment.PORT, environment.HOST), bucket_url: bucket.url },
    "listening",
  );
  return async () => {
    await drain(server, DRAIN_SECONDS);
    await bucket.stop();
  };
});
