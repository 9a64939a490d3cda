import { PROBE_KEYS } from "@cloud-design/functions/shared/status-keys";
import type { StatusProbeEnvironment } from "@cloud-design/functions/status-probe/env";
import { revisionParameter } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { dependsOn, type StackContext, use } from "sst/constructs";
import { Billing } from "./billing.ts";
import { Broker } from "./broker.ts";
import { Cluster } from "./cluster.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { Gateway } from "./gateway.ts";
import { Identity } from "./identity.ts";
import { Inventory } from "./inventory.ts";
import { Network } from "./network.ts";
import { Orders } from "./orders.ts";
import { Site } from "./site.ts";

/** In seconds. A check takes 38 at most; the requests to the bucket take up to 8 before it and 8 after: 54. */
const TIMEOUT_SECONDS = 55;

/**
 * Writes the status page and the ledger of all orders into the site's bucket, each minute or every five; CloudFront serves the page from there
 * even when every other part is down. Each minute it costs about $1.60 a month, most of it for four object writes a minute.
 */
export function Status({ stack, app }: StackContext) {
  // Otherwise the history of a new stage would begin with an outage.
  dependsOn(Gateway);
  const settings = stageSettings(app.stage);
  // How long the page may be out of date.
  const interval = Duration.minutes(settings.probeMinutes);
  // No retries: the next run comes sooner, and two runs at once would overwrite each other.
  const once = { retryAttempts: 0, maxEventAge: interval };
  const { vpc, groups } = use(Network);
  const { siteUrl, bucket } = use(Site);
  const { userPool, probeClient, tokenUrl } = use(Identity);
  const { queues, queueUrls, deadLetters } = use(Orders);
  const journal = use(Gateway).orderGateway.logGroup;
  const broker = use(Broker);
  const probe = nodeFunction(stack, "StatusProbe", {
    handler: "packages/functions/src/status-probe/lambda.handler",
    memorySize: 1_024, // for the ledger after an outage: 300,000 open orders, whose processing also needs the CPU that comes with it
    timeout: TIMEOUT_SECONDS,
    isTraced: true,
    network: { vpc, group: groups.statusProbe },
    settings,
    ...once,
    environment: {
      SITE_URL: siteUrl,
      COGNITO_JWKS_URL: `${userPool.userPoolProviderUrl}/.well-known/jwks.json`,
      TOKEN_URL: tokenUrl,
      CLIENT_ID: probeClient.userPoolClientId,
      USER_POOL_ID: userPool.userPoolId,
      INVENTORY_URL: use(Inventory).url,
      BILLING_URL: use(Billing).url,
      // It signs the certificate of a broker in a container too.
      BALANCER_AUTHORITY: use(Cluster).certificate.authority(stack),
      ORDERS_QUEUE_URLS: queueUrls,
      DEAD_LETTERS_QUEUE_URL: deadLetters.queueUrl,
      GATEWAY_LOG_GROUP: journal.logGroupName,
      AMQP_URL: broker.url,
      AMQP_SECRET_ARN: broker.credentials.secretArn,
      BUCKET: bucket.bucketName,
      INTERVAL_SECONDS: String(interval.toSeconds()),
    } satisfies StatusProbeEnvironment,
  });
  broker.credentials.grantRead(probe);
  for (const statement of [
    {
      actions: ["sqs:GetQueueAttributes"],
      resources: [...Object.values(queues), deadLetters].map(({ queueArn }) => queueArn),
    },
    { actions: ["logs:FilterLogEvents"], resources: [journal.logGroupArn] },
    // For the secret of its own client. Cognito supports nothing narrower, so the probe could read the other clients' secrets too.
    { actions: ["cognito-idp:DescribeUserPoolClient"], resources: [userPool.userPoolArn] },
    { actions: ["s3:GetObject"], resources: [bucket.arnForObjects("*")] },
    // With `s3:ListBucket` S3 tells a missing object from a forbidden one.
    { actions: ["s3:ListBucket"], resources: [bucket.bucketArn] },
    { actions: ["s3:PutObject"], resources: PROBE_KEYS.map((key) => bucket.arnForObjects(key)) },
  ]) {
    probe.addToRolePolicy(new PolicyStatement(statement));
  }
  const probeRule = new Rule(stack, "EveryMinute", {
    description: "Runs the status probe",
    schedule: Schedule.rate(interval),
    targets: [new LambdaFunction(probe, once)],
  });
  new StringParameter(stack, "Revision", {
    parameterName: revisionParameter(stack),
    description:
      "The last commit that passed the smoke test; a failed deployment from GitHub goes back to it",
    // Made and deleted with the stage. The workflow overwrites it, and CloudFormation does not compare it again.
    stringValue: "none",
  });
  return { probe, probeRule };
}
