import { imageRepositoryOf } from "@cloud-design/stage/image-repository";
import { EventField, type EventPattern, Match, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Stack } from "sst/constructs";

/** Severities that an attacker can use. The others are in ECR's console. */
const GRAVE = ["CRITICAL", "HIGH"] as const;
const WHAT_TO_DO = "What to do: docs/runbook.md#image-findings";

/**
 * Notifies the operators of serious vulnerabilities in the images that this project builds. ECR's own scan reports an image's counts after each
 * push; Inspector, where it is on, reports each finding as soon as it is known. All stages of an account share the repository, so each stage
 * with an ALARM_EMAIL is notified of all of them. The topic's policy for EventBridge has no condition on the account, because EventBridge sends
 * SNS no account that a condition could check.
 */
export function tellOfImageFindings(stack: Stack, topic: ITopic): void {
  const repository = imageRepositoryOf(stack);
  const tell = (id: string, eventPattern: EventPattern, message: string) =>
    new Rule(stack, id, {
      eventPattern,
      targets: [new SnsTopic(topic, { message: RuleTargetInput.fromText(`${message} ${WHAT_TO_DO}`) })],
    });
  tell("ImageScans", scansOf(repository), scanMessage(stack.region, repository));
  const images = stack.formatArn({ service: "ecr", resource: "repository", resourceName: `${repository}/` });
  tell("ImageFindings", findingsIn(images), findingMessage(stack.region));
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html: a severity without findings has no count. */
function scansOf(repository: string): EventPattern {
  return {
    source: ["aws.ecr"],
    detailType: ["ECR Image Scan"],
    detail: {
      "repository-name": [repository],
      $or: GRAVE.map((severity) => ({ "finding-severity-counts": { [severity]: Match.greaterThan(0) } })),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html */
function findingsIn(images: string): EventPattern {
  return {
    source: ["aws.inspector2"],
    detailType: ["Inspector2 Finding"],
    resources: Match.prefix(images),
    detail: { severity: [...GRAVE], status: ["ACTIVE"] },
  };
}

function scanMessage(region: string, repository: string): string {
  const digest = EventField.fromPath("$.detail.image-digest");
  const [critical, high] = GRAVE.map((severity) =>
    EventField.fromPath(`$.detail.finding-severity-counts.${severity}`),
  );
  return (
    `ECR has found vulnerabilities in the image ${EventField.fromPath("$.detail.image-tags[0]")} (${digest}). ` +
    `Critical: ${critical}. High: ${high}. No number means none. They are listed by: aws ecr describe-image-scan-findings ` +
    `--region ${region} --repository-name ${repository} --image-id imageDigest=${digest}.`
  );
}

function findingMessage(region: string): string {
  return (
    `Inspector has found ${EventField.fromPath("$.detail.title")} (${EventField.fromPath("$.detail.severity")}) in the image ` +
    `${EventField.fromPath("$.resources[0]")}. It is described in the console of Inspector in ${region}, under Findings.`
  );
}
