import type { BillingEnvironment } from "@cloud-design/containers/billing/env";
import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { CfnScalingPolicy, type ScalableTarget } from "aws-cdk-lib/aws-applicationautoscaling";
import type { FargateService, ScalableTaskCount } from "aws-cdk-lib/aws-ecs";
import { type Stack, type StackContext, use } from "sst/constructs";
import { Broker } from "./broker.ts";
import { createService } from "./constructs/service.ts";
import { Databases } from "./databases.ts";
import { Identity } from "./identity.ts";
import { Orders } from "./orders.ts";
import { Site } from "./site.ts";

/** Target backlog per task: the orders that one task records within the promised 5 s, with room to spare (docs/scaling.md). */
export const BACKLOG_TARGET = 5_000;

/** Billing: Fargate tasks that consume the queues of all lanes. Their number follows the backlog in SQS and RabbitMQ. */
export function Billing({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const { billing: database } = use(Databases);
  const broker = use(Broker);
  const { service, targetGroup, logs, url } = createService(stack, {
    noun: "billing",
    environment: {
      SITE_URL: use(Site).siteUrl,
      ...use(Identity).verification,
      DATABASE_URL: database.url,
      DATABASE_SECRET_ARN: database.credentials.secretArn,
      ...broker.environment(stack),
    } satisfies BillingEnvironment,
    secrets: [database.credentials, broker.credentials],
    isOnSpot: settings.isBillingOnSpot,
  });
  const { min, max } = settings.billingTasks;
  const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
  // A policy has two alarms, which a fixed number of tasks does not need; and a broker in a container has no metric to scale by.
  if (min < max && broker.name !== undefined) scaleByBacklog(stack, service, scaling, broker.name);
  return { service, targetGroup, logs, url };
}

/** Scales by the orders that wait in SQS and RabbitMQ, for each running task. CDK's L2 construct does not support metric math, hence the plain policy. */
function scaleByBacklog(
  stack: Stack,
  service: FargateService,
  scaling: ScalableTaskCount,
  brokerName: string,
): void {
  const target = scaling.node.findChild("Target") as ScalableTarget;
  const query = (id: string, metric: CfnScalingPolicy.TargetTrackingMetricStatProperty["metric"]) => ({
    id,
    returnData: false,
    metricStat: { metric, stat: "Average" },
  });
  const dimensions = (map: Record<string, string>) =>
    Object.entries(map).map(([name, value]) => ({ name, value }));
  const inSqs = LANE_NAMES.map((lane) =>
    query(lane, {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: dimensions({ QueueName: use(Orders).queues[lane].queueName }),
    }),
  );
  new CfnScalingPolicy(stack, "Backlog", {
    policyName: nameOf(stack, "billing-backlog"),
    policyType: "TargetTrackingScaling",
    scalingTargetId: target.scalableTargetId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: BACKLOG_TARGET,
      customizedMetricSpecification: {
        metrics: [
          // With no task running, the whole backlog counts. SQS has no figure for a queue that was not used for six hours.
          {
            id: "backlogPerTask",
            expression: `(${inSqs.map(({ id }) => `FILL(${id}, 0)`).join(" + ")} + rabbitmq) / IF(tasks > 1, tasks, 1)`,
            returnData: true,
          },
          ...inSqs,
          query("rabbitmq", {
            namespace: "AWS/AmazonMQ",
            metricName: "MessageCount",
            // All queues together: Amazon MQ has no metrics for a single queue from RabbitMQ 4 on. The dead letters among them are few, and
            // events wait only while inventory is away: then billing has more tasks than it needs.
            dimensions: dimensions({ Broker: brokerName }),
          }),
          query("tasks", {
            namespace: "ECS/ContainerInsights",
            metricName: "RunningTaskCount",
            dimensions: dimensions({
              ClusterName: service.cluster.clusterName,
              ServiceName: service.serviceName,
            }),
          }),
        ],
      },
      // Scale out at once; scale in slowly, because a task that stops returns its messages to the queue.
      scaleOutCooldown: 60,
      scaleInCooldown: 300,
    },
  });
}
