import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsOf } from "@cloud-design/stage/settings";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { presetOfStage, readApp, resourcesOf } from "../testing/app.ts";
import { takes, transform } from "../testing/event-pattern.ts";
import * as events from "../testing/image-events.ts";
import { STAGES } from "../testing/setup.ts";

const Target = z.object({
  Arn: z.string(),
  InputTransformer: z.object({
    InputPathsMap: z.record(z.string(), z.string()),
    InputTemplate: z.string(),
  }),
});
const Rule = z.object({
  EventPattern: z.record(z.string(), z.unknown()).default({}),
  State: z.string(),
  Targets: z.array(z.unknown()),
});
const Statements = z.object({
  Statement: z.array(
    z.object({
      Action: z.union([z.string(), z.array(z.string())]),
      Principal: z.unknown(),
      Condition: z.unknown().optional(),
    }),
  ),
});

describe.each(STAGES)("the stage %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);
  const rules = resourcesOf(app, "AWS::Events::Rule", Rule).filter(({ name }) => name.startsWith("Alerts/"));
  /** The mails that an event causes. */
  const mailsOf = (event: Record<string, unknown>) =>
    rules
      .filter(({ properties }) => properties.State === "ENABLED" && takes(properties.EventPattern, event))
      .flatMap(({ properties }) => z.array(Target).parse(properties.Targets))
      .filter(({ Arn }) => Arn === "<Alerts/Topic>")
      .map(({ InputTransformer }) => transform(InputTransformer, event));

  it("mails in a sentence the counts of ECR's scan, where they are listed and what to do", () => {
    expect(mailsOf(events.scan({ CRITICAL: 1, HIGH: 3, MEDIUM: 9 }))).toEqual([
      `ECR has found vulnerabilities in the image ${events.TAG} (${events.DIGEST}). Critical: 1. High: 3. No number means none. They are listed by: aws ecr describe-image-scan-findings --region us-east-1 --repository-name ${events.REPOSITORY} --image-id imageDigest=${events.DIGEST}. What to do: docs/runbook.md#image-findings`,
    ]);
    expect(mailsOf(events.scan({ HIGH: 3 }))).toEqual([expect.stringContaining("Critical: . High: 3.")]);
    expect(mailsOf(events.scan({ CRITICAL: 1 }))).toEqual([expect.stringContaining("Critical: 1. High: .")]);
  });

  it("mails in a sentence the finding of Inspector", () => {
    expect(mailsOf(events.finding({ severity: "HIGH" }))).toEqual([
      `Inspector has found CVE-2019-17498 - libssh2 (HIGH) in the image ${events.IMAGE}. It is described in the console of Inspector in us-east-1, under Findings. What to do: docs/runbook.md#image-findings`,
    ]);
    expect(mailsOf(events.finding({ severity: "CRITICAL" }))).toHaveLength(1);
  });

  it.each([
    ["a scan that found nothing", events.scan({})],
    ["a scan that found nothing serious", events.scan({ MEDIUM: 9, LOW: 2, UNDEFINED: 1 })],
    ["a scan that failed", events.scan(undefined)],
    ["a scan of another project's image", events.scan({ CRITICAL: 1 }, "other")],
    ["a scan of a repository with the same prefix", events.scan({ HIGH: 1 }, `${events.REPOSITORY}-2`)],
    ["a push", events.push()],
    ["a finding of Inspector that is not serious", events.finding({ severity: "MEDIUM" })],
    ["a finding that is closed", events.finding({ severity: "HIGH", status: "CLOSED" })],
    ["a finding that is suppressed", events.finding({ severity: "HIGH", status: "SUPPRESSED" })],
    ["a finding in another project's image", events.finding({ severity: "HIGH" }, "other")],
    ["a finding in a function", events.findingInFunction()],
  ])("sends no mail for %s", (_, event) => {
    expect(mailsOf(event)).toEqual([]);
  });

  it("lets EventBridge publish to the topic, and use its key where it has one", () => {
    const policies = [
      resourcesOf(app, "AWS::SNS::TopicPolicy", z.object({ PolicyDocument: Statements }))
        .filter(({ name }) => name.startsWith("Alerts/"))
        .map(({ properties }) => properties.PolicyDocument),
      resourcesOf(app, "AWS::KMS::Key", z.object({ KeyPolicy: Statements }))
        .filter(({ name }) => name === "Alerts/Key")
        .map(({ properties }) => properties.KeyPolicy),
    ];
    const rights = policies.map((documents) =>
      documents
        .flatMap(({ Statement }) => Statement)
        .filter(({ Principal }) => JSON.stringify(Principal) === '{"Service":"events.amazonaws.com"}')
        // EventBridge sends no account that a condition could check.
        .filter(({ Condition }) => Condition === undefined)
        .flatMap(({ Action }) => Action),
    );
    const { hasOwnKeys } = settingsOf(presetOfStage(stage));
    expect(rights).toEqual([
      ["sns:Publish"],
      hasOwnKeys ? expect.arrayContaining(["kms:Decrypt", "kms:GenerateDataKey*"]) : [],
    ]);
  });
});

it("the runbook has the heading that the mails name", () => {
  expect(readFileSync(join(import.meta.dirname, "../../docs/runbook.md"), "utf8")).toContain(
    "\n## image-findings\n",
  );
});
