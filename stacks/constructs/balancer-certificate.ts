import type { CertificateEnvironment } from "@cloud-design/functions/certificate/env";
import type { Renewal, Wanted } from "@cloud-design/functions/certificate/protocol";
import { authorityParameter, brokerHost } from "@cloud-design/stage/names";
import type { StageSettings } from "@cloud-design/stage/settings";
import { CustomResource, Duration } from "aws-cdk-lib";
import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { ApplicationLoadBalancer } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Stack } from "sst/constructs";
import { nodeFunction } from "./node-function.ts";

/** A new value makes a new authority. It is trusted at once, and signs from the next renewal on (docs/deploy.md, "Rotate"). */
const GENERATION = "1";
/** Renewals come each week; a certificate is valid for 90 days. */
const RENEWAL = Duration.days(7);
/** A removal retries for two minutes to delete a certificate that the balancer still uses. */
const TIMEOUT = Duration.minutes(3);

/**
 * Certificates for the hops from the gateway to the tasks, signed by an authority of the stage's own. They cost two secrets; a private authority
 * of AWS costs at least $50 a month, and a public certificate needs a domain.
 */
export function createBalancerCertificate(
  stack: Stack,
  loadBalancer: ApplicationLoadBalancer,
  settings: StageSettings,
) {
  const authoritySecret = new Secret(stack, "Authority", {
    description: "Signs the certificates of the balancer and the tasks",
    // Empty until the function has run.
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ authorities: [] }),
      generateStringKey: "unused",
    },
  });
  const taskSecret = new Secret(stack, "TaskCertificate", {
    description: "The certificate that a task presents to the balancer, renewed each week",
  });
  const brokerSecret =
    settings.brokerInstance === "container"
      ? new Secret(stack, "BrokerCertificate", {
          description: "The certificate that the broker presents to its clients, renewed each week",
        })
      : undefined;
  const handler = nodeFunction(stack, "Certificate", {
    handler: "packages/functions/src/certificate/lambda.handler",
    memorySize: 512, // the cheapest size for its short run
    timeout: TIMEOUT.toSeconds(),
    settings,
    environment: {
      AUTHORITY_SECRET_ARN: authoritySecret.secretArn,
      TASK_SECRET_ARN: taskSecret.secretArn,
    } satisfies CertificateEnvironment,
  });
  authoritySecret.grantRead(handler);
  const written = [authoritySecret, taskSecret, ...(brokerSecret ? [brokerSecret] : [])];
  handler.addToRolePolicy(
    new PolicyStatement({
      actions: ["secretsmanager:PutSecretValue"],
      resources: written.map(({ secretArn }) => secretArn),
    }),
  );
  for (const statement of rightsInAcm(stack)) handler.addToRolePolicy(statement);

  const names = [loadBalancer.loadBalancerDnsName, ...settings.tunnelHosts];
  const wanted = {
    names,
    generation: GENERATION,
    ...(brokerSecret && {
      broker: { names: [brokerHost(stack), ...settings.tunnelHosts], secretArn: brokerSecret.secretArn },
    }),
  } satisfies Wanted;
  const certificate = new CustomResource(stack, "BalancerCertificate", {
    serviceToken: handler.functionArn,
    serviceTimeout: TIMEOUT,
    properties: wanted,
  });
  new Rule(stack, "EveryWeek", {
    description: "Renews the certificates of the balancer and the tasks",
    schedule: Schedule.rate(RENEWAL),
    targets: [
      new LambdaFunction(handler, {
        event: RuleTargetInput.fromObject({ ...wanted, certificateArn: certificate.ref } satisfies Renewal),
      }),
    ],
  });
  const daysLeft = new Metric({
    namespace: "AWS/CertificateManager",
    metricName: "DaysToExpiry",
    dimensionsMap: { CertificateArn: certificate.ref },
    // ACM reports the days left each day. The maximum, so that a renewal shows at once.
    period: Duration.days(1),
    statistic: Stats.MAXIMUM,
  });
  // Readers take it from here, and not as an export, which CloudFormation never changes while another stack uses it.
  new StringParameter(stack, "AuthorityParameter", {
    parameterName: authorityParameter(stack, GENERATION),
    description: "The authorities that sign the certificates of the balancer, the tasks and the broker",
    stringValue: certificate.getAttString("authority"),
  });
  const authority = (reader: Stack) =>
    StringParameter.valueForStringParameter(reader, authorityParameter(stack, GENERATION));
  return { arn: certificate.ref, daysLeft, authority, taskSecret, brokerSecret };
}

/** ACM accepts tags only with a new certificate; the function finds its certificate by them later. */
function rightsInAcm(stack: Stack): PolicyStatement[] {
  const resources = [stack.formatArn({ service: "acm", resource: "certificate", resourceName: "*" })];
  const tagged = (of: "RequestTag" | "ResourceTag") => ({
    StringEquals: { [`aws:${of}/sst:app`]: "cloud-design", [`aws:${of}/sst:stage`]: stack.stage },
  });
  return [
    new PolicyStatement({
      actions: ["acm:ImportCertificate", "acm:AddTagsToCertificate"],
      resources,
      conditions: tagged("RequestTag"),
    }),
    new PolicyStatement({
      actions: ["acm:ImportCertificate", "acm:DeleteCertificate"],
      resources,
      conditions: tagged("ResourceTag"),
    }),
  ];
}
