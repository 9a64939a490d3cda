import { environmentOf } from "@cloud-design/stage/environment";
import { stageSettings } from "@cloud-design/stage/preset";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { StackContext } from "sst/constructs";
import { ownKey } from "./constructs/own-key.ts";
import { tellOfImageFindings } from "./watch/image-findings.ts";

/**
 * The channels to the people on call: one topic, an e-mail subscription when ALARM_EMAIL is set, the monthly budget, and the findings
 * of image scans.
 */
export function Alerts({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const { ALARM_EMAIL } = environmentOf();
  // Only requests for this account: the service principals act for other accounts too.
  const conditions = { StringEquals: { "aws:SourceAccount": stack.account } };
  const senders = ["cloudwatch", "budgets"].map(
    (name) => new ServicePrincipal(`${name}.amazonaws.com`, { conditions }),
  );
  // CloudWatch cannot publish to a topic under the key that AWS manages for SNS: the topic has a key of the stage's own, or none.
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
      budgetLimit: { amount: settings.budgetUsdMonthly, unit: "USD" },
      // SST tags every resource with the stage. The tag must be activated once as a cost allocation tag (docs/deploy.md).
      costFilters: { TagKeyValue: [`user:sst:stage$${app.stage}`] },
    },
    // The forecast comes early enough to act; the 80 % may come too late.
    notificationsWithSubscribers: [notify("FORECASTED", 100), notify("ACTUAL", 80)],
  });
  budget.node.addDependency(topic); // and on the topic's policy
  tellOfImageFindings(stack, topic);
  return { topic };
}
