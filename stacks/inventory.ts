import type { InventoryEnvironment } from "@cloud-design/containers/inventory/env";
import { stageSettings } from "@cloud-design/stage/preset";
import { CPU_TARGET, REQUESTS_TARGET } from "@cloud-design/stage/task-size";
import { Duration } from "aws-cdk-lib";
import { AdjustmentType } from "aws-cdk-lib/aws-applicationautoscaling";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { ScalableTaskCount } from "aws-cdk-lib/aws-ecs";
import type { ApplicationTargetGroup } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type StackContext, use } from "sst/constructs";
import { Broker } from "./broker.ts";
import { createService } from "./constructs/service.ts";
import { Databases } from "./databases.ts";
import { Identity } from "./identity.ts";
import { Imports } from "./imports.ts";
import { Site } from "./site.ts";
import { MINUTE } from "./watch/metrics.ts";
import { Webhooks } from "./webhooks.ts";

/**
 * A rush: one minute of more requests than a task can do. Target tracking asks for three such minutes (Application Auto
 * Scaling, "How target tracking scaling works"); an alarm of our own asks for one. It only adds tasks.
 */
const RUSH_STEPS = [
  { lower: 2 * REQUESTS_TARGET, change: 100 },
  { lower: 3 * REQUESTS_TARGET, change: 200 },
];

/** Inventory: Fargate tasks behind the internal balancer, which also hear the events of orders. Their number follows CPU and requests. */
export function Inventory({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const { inventory: database } = use(Databases);
  const { bucket } = use(Imports);
  const broker = use(Broker);
  const webhooks = use(Webhooks);
  const { service, targetGroup, logs, image, url } = createService(stack, {
    noun: "inventory",
    environment: {
      SITE_URL: use(Site).siteUrl,
      ...use(Identity).verification,
      DATABASE_URL: database.url,
      DATABASE_SECRET_ARN: database.credentials.secretArn,
      IMPORTS_BUCKET: bucket.bucketName,
      ...broker.environment(stack),
      WEBHOOK_SECRET_ARN: webhooks.secret.secretArn,
      WEBHOOK_DELIVERIES_URL: webhooks.deliveries.queueUrl,
      WEBHOOK_RETRIES_URL: webhooks.retries.queueUrl,
    } satisfies InventoryEnvironment,
    secrets: [database.credentials, broker.credentials, webhooks.secret],
    isOnSpot: settings.isInventoryOnSpot,
  });
  for (const statement of [
    // A form and an address that it signs have no other rights than these two. It sends and reads no file itself.
    { actions: ["s3:PutObject"], resources: [bucket.arnForObjects("imports/*/upload")] },
    { actions: ["s3:GetObject"], resources: [bucket.arnForObjects("reports/*")] },
    { actions: ["sqs:SendMessage"], resources: [webhooks.deliveries.queueArn, webhooks.retries.queueArn] },
    { actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage"], resources: [webhooks.retries.queueArn] },
  ]) {
    service.taskDefinition.addToTaskRolePolicy(new PolicyStatement(statement));
  }
  const { min, max } = settings.inventoryTasks;
  const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
  // The policies have alarms, which a fixed number of tasks does not need.
  if (min < max) scaleByLoad(scaling, targetGroup);
  return { service, targetGroup, logs, image, url };
}

function scaleByLoad(scaling: ScalableTaskCount, targetGroup: ApplicationTargetGroup): void {
  scaling.scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: CPU_TARGET });
  scaling.scaleOnRequestCount("Requests", { requestsPerTarget: REQUESTS_TARGET, targetGroup });
  scaling.scaleOnMetric("Rush", {
    metric: targetGroup.metrics.requestCountPerTarget({ period: MINUTE, statistic: Stats.SUM }),
    scalingSteps: RUSH_STEPS,
    adjustmentType: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
    cooldown: Duration.minutes(5),
  });
}
