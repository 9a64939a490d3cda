import type { BillLine } from "@cloud-design/stage/bill/bill";
import { anomalyUsd, budgetUsd } from "@cloud-design/stage/bill/budget";
import { standingBill } from "@cloud-design/stage/bill/standing";
import { environmentOf } from "@cloud-design/stage/environment";
import { nameOf } from "@cloud-design/stage/names";
import { presetOf, stageSettings } from "@cloud-design/stage/preset";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { CfnAnomalyMonitor, CfnAnomalySubscription } from "aws-cdk-lib/aws-ce";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Stack, StackContext } from "sst/constructs";
import { ownKey } from "./constructs/own-key.ts";
import { tellOfImageFindings } from "./watch/image-findings.ts";

/**
 * The channels to the people on call: one topic, an e-mail subscription when ALARM_EMAIL is set, the monthly budget, unusual costs, and the
 * findings of image scans.
 */
export function Alerts({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const lines = standingBill(presetOf(app.stage), settings.hasProxy);
  const { ALARM_EMAIL } = environmentOf();
  const senders = ["cloudwatch", "budgets"].map((name) => ofThisAccount(stack, name));
  // CloudWatch cannot publish to a topic under the key that AWS manages for SNS: the topic has a key of the stage's own, or stays without a key.
  const key = ownKey(stack, "Alarms on their way to people", settings);
  const topic = new Topic(stack, "Topic", { ...(key && { masterKey: key }), enforceSSL: true });
  for (const sender of senders) {
    topic.grantPublish(sender);
  }
  if (ALARM_EMAIL) topic.addSubscription(new EmailSubscription(ALARM_EMAIL));

  const notify = (type: "ACTUAL" | "FORECASTED", percent: number) => ({
    notification: { notificationType: type, comparisonOperator: "GREATER_THAN", threshold: percent },
    subscribers: [{ subscriptionType: "SNS", address: topic.topicArn }],
  });
  const budget = new CfnBudget(stack, "Budget", {
    budget: {
      budgetType: "COST",
      timeUnit: "MONTHLY",
      budgetLimit: { amount: budgetUsd(lines, app.region), unit: "USD" },
      // SST tags every resource with the stage. The tag must be activated once as a cost allocation tag (docs/deploy.md).
      costFilters: { TagKeyValue: [`user:sst:stage$${app.stage}`] },
    },
    // The forecast comes early enough to act; the sum itself rings where AWS has no forecast yet.
    notificationsWithSubscribers: [notify("FORECASTED", 100), notify("ACTUAL", 100)],
  });
  budget.node.addDependency(topic); // and on the topic's policy
  tellOfImageFindings(stack, topic);
  if (settings.hasAnomalyMonitor) tellOfAnomalies(stack, topic, lines);
  return { topic };
}

/** Service principals act for other accounts too, hence the condition. */
function ofThisAccount(stack: Stack, service: string): ServicePrincipal {
  const conditions = { StringEquals: { "aws:SourceAccount": stack.account } };
  return new ServicePrincipal(`${service}.amazonaws.com`, { conditions });
}

/**
 * AWS's own detection of unusual costs of the stage, by its tag; free. It looks about three times a day at what was billed, so it is hours late,
 * and finds what a monthly budget hides: a service that costs twice as much from one day to the next.
 */
function tellOfAnomalies(stack: Stack, topic: Topic, lines: readonly BillLine[]): void {
  topic.grantPublish(ofThisAccount(stack, "costalerts"));
  const monitor = new CfnAnomalyMonitor(stack, "AnomalyMonitor", {
    monitorName: nameOf(stack, "costs"),
    monitorType: "CUSTOM",
    monitorSpecification: JSON.stringify({ Tags: { Key: "sst:stage", Values: [stack.stage] } }),
  });
  const least = {
    Key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
    MatchOptions: ["GREATER_THAN_OR_EQUAL"],
    Values: [String(anomalyUsd(lines))],
  };
  const subscription = new CfnAnomalySubscription(stack, "AnomalySubscription", {
    subscriptionName: nameOf(stack, "costs"),
    monitorArnList: [monitor.ref],
    // The only frequency that AWS allows with a topic.
    frequency: "IMMEDIATE",
    subscribers: [{ type: "SNS", address: topic.topicArn }],
    thresholdExpression: JSON.stringify({ Dimensions: least }),
  });
  subscription.node.addDependency(topic); // and on the topic's policy
}
