import type { StatusProbeEnvironment } from "@cloud-design/functions/status-probe/env";
import { PROBE_KEYS } from "@cloud-design/functions/status-probe/keys";
import { revisionParameter } from "@cloud-design/stage/names";
import { settingsOf } from "@cloud-design/stage/settings";
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

/** How long the page may be wrong. Half of it would double the price. */
const INTERVAL = Duration.minutes(1);
/** A check takes 21 s at most; the bucket, asked twice, 8 s before it and 8 s after: 37 s. */
const TIMEOUT_SECONDS = 40;
/** The next run comes sooner than a retry, and two at once would write over each other. */
const ONCE = { retryAttempts: 0, maxEventAge: INTERVAL };

/**
 * What the status page says, and the ledger of all orders, written each minute into the site's bucket, from where CloudFront serves the page
 * when nothing else does. Costs about $1.30 a month, most of it for writing four objects a minute.
 */
export function Status({ stack, app }: StackContext) {
  // Or the first thing in the history of a new stage would be an outage.
  dependsOn(Gateway);
  const { vpc, groups } = use(Network);
  const { siteUrl, bucket } = use(Site);
  const { userPool, probeClient, tokenUrl } = use(Identity);
  const { queue, deadLetters } = use(Orders);
  const journal = use(Gateway).gateway.logGroup;
  const broker = use(Broker);
  const probe = nodeFunction(stack, "StatusProbe", {
    handler: "packages/functions/src/status-probe/lambda.handler",
    memorySize: 512, // four clients of the SDK, and the shortest run costs the least
    timeout: TIMEOUT_SECONDS,
    isTraced: true,
    network: { vpc, group: groups.statusProbe },
    settings: settingsOf(app.stage),
    ...ONCE,
    environment: {
      SITE_URL: siteUrl,
      COGNITO_JWKS_URL: `${userPool.userPoolProviderUrl}/.well-known/jwks.json`,
      TOKEN_URL: tokenUrl,
      CLIENT_ID: probeClient.userPoolClientId,
      USER_POOL_ID: userPool.userPoolId,
      INVENTORY_URL: use(Inventory).url,
      BILLING_URL: use(Billing).url,
      BALANCER_AUTHORITY: use(Cluster).certificate.authority,
      ORDERS_QUEUE_URL: queue.queueUrl,
      DEAD_LETTERS_QUEUE_URL: deadLetters.queueUrl,
      GATEWAY_LOG_GROUP: journal.logGroupName,
      AMQP_URL: broker.url,
      AMQP_SECRET_ARN: broker.credentials.secretArn,
      BUCKET: bucket.bucketName,
      INTERVAL_SECONDS: String(INTERVAL.toSeconds()),
    } satisfies StatusProbeEnvironment,
  });
  broker.credentials.grantRead(probe);
  for (const statement of [
    { actions: ["sqs:GetQueueAttributes"], resources: [queue.queueArn, deadLetters.queueArn] },
    { actions: ["logs:FilterLogEvents"], resources: [journal.logGroupArn] },
    // For the secret of its own client. Cognito knows no narrower right, so it could read the others' too.
    { actions: ["cognito-idp:DescribeUserPoolClient"], resources: [userPool.userPoolArn] },
    { actions: ["s3:GetObject"], resources: [bucket.arnForObjects("*")] },
    // A missing object is told from a forbidden one to nobody else.
    { actions: ["s3:ListBucket"], resources: [bucket.bucketArn] },
    { actions: ["s3:PutObject"], resources: PROBE_KEYS.map((key) => bucket.arnForObjects(key)) },
  ]) {
    probe.addToRolePolicy(new PolicyStatement(statement));
  }
  new Rule(stack, "EveryMinute", {
    description: "Runs the status probe",
    schedule: Schedule.rate(INTERVAL),
    targets: [new LambdaFunction(probe, ONCE)],
  });
  new StringParameter(stack, "Revision", {
    parameterName: revisionParameter(stack),
    description:
      "The commit that the smoke test last found well, where a deployment from GitHub goes back to",
    // Made with the stage and gone with it. The workflow writes over it, and CloudFormation never looks again.
    stringValue: "none",
  });
  return { probe };
}
