import { BILLING_LENGTH_MAX } from "@cloud-design/core/billing/queue";
import { type App, resourcesOf } from "@cloud-design/stacks/testing/app";
import { referenceTo } from "@cloud-design/stacks/testing/references";
import * as z from "zod";
import type { OrderWay } from "./orders.ts";
import type { Policy, Service, StepPolicy } from "./target-tracking.ts";

const CPU_UNITS_A_CORE = 1_024;
/** Application Auto Scaling's default for an ECS service, where the template says nothing. */
const COOLDOWN_SECONDS = 300;
/** By their names in CloudWatch and in a target tracking policy. */
const METRICS: Readonly<Record<string, Policy["metric"]>> = {
  ECSServiceAverageCPUUtilization: "processor",
  ALBRequestCountPerTarget: "requests",
  RequestCountPerTarget: "requests",
};

const Target = z.object({ MinCapacity: z.number(), MaxCapacity: z.number() });
const Task = z.object({ Cpu: z.coerce.number() });
const Tracking = z.object({
  TargetValue: z.number(),
  ScaleOutCooldown: z.number().default(COOLDOWN_SECONDS),
  ScaleInCooldown: z.number().default(COOLDOWN_SECONDS),
  PredefinedMetricSpecification: z.object({ PredefinedMetricType: z.string() }).optional(),
});
const Stepping = z.object({
  AdjustmentType: z.literal("PercentChangeInCapacity"),
  Cooldown: z.number().default(COOLDOWN_SECONDS),
  StepAdjustments: z.array(
    z.object({ MetricIntervalLowerBound: z.number(), ScalingAdjustment: z.number().positive() }),
  ),
});
const Scaling = z.object({
  TargetTrackingScalingPolicyConfiguration: Tracking.optional(),
  StepScalingPolicyConfiguration: Stepping.optional(),
});
const Alarm = z.object({
  AlarmActions: z.array(z.string()),
  ComparisonOperator: z.literal("GreaterThanOrEqualToThreshold"),
  MetricName: z.string(),
  Period: z.literal(60),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
});

/** Inventory as its template scales it. */
export function inventoryService(app: App): Service {
  const inventory = { ...app, resources: app.resources.filter(({ name }) => name.startsWith("Inventory/")) };
  const ofInventory = <T extends z.ZodType>(type: string, schema: T) => resourcesOf(inventory, type, schema);
  const [target] = ofInventory("AWS::ApplicationAutoScaling::ScalableTarget", Target);
  const [task] = ofInventory("AWS::ECS::TaskDefinition", Task);
  if (!target || !task) throw new Error("The template has no inventory service that scales.");
  const found = ofInventory("AWS::ApplicationAutoScaling::ScalingPolicy", Scaling);
  const alarms = ofInventory("AWS::CloudWatch::Alarm", Alarm);
  const metricOf = (name: string) => {
    const metric = METRICS[name];
    if (metric === undefined) throw new Error(`The simulation does not know the metric ${name}.`);
    return metric;
  };
  const policies = found.flatMap(({ properties }): Policy[] => {
    const tracking = properties.TargetTrackingScalingPolicyConfiguration;
    if (!tracking) return [];
    return [
      {
        metric: metricOf(tracking.PredefinedMetricSpecification?.PredefinedMetricType ?? ""),
        target: tracking.TargetValue,
        scaleOutCooldownSeconds: tracking.ScaleOutCooldown,
        scaleInCooldownSeconds: tracking.ScaleInCooldown,
      },
    ];
  });
  const stepPolicies = found.flatMap(({ name, properties }): StepPolicy[] => {
    const stepping = properties.StepScalingPolicyConfiguration;
    if (!stepping) return [];
    return alarms
      .filter((alarm) => alarm.properties.AlarmActions.includes(referenceTo(name)))
      .map(({ properties: alarm }) => ({
        metric: metricOf(alarm.MetricName),
        threshold: alarm.Threshold,
        periods: alarm.EvaluationPeriods,
        cooldownSeconds: stepping.Cooldown,
        steps: stepping.StepAdjustments.map((step) => ({
          above: step.MetricIntervalLowerBound,
          percent: step.ScalingAdjustment,
        })),
      }));
  });
  return {
    min: target.properties.MinCapacity,
    max: target.properties.MaxCapacity,
    taskMsPerSecond: (task.properties.Cpu / CPU_UNITS_A_CORE) * 1_000,
    policies,
    stepPolicies,
  };
}

const EventSource = z.object({
  BatchSize: z.number(),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }),
});
const Backlog = z.object({
  TargetTrackingScalingPolicyConfiguration: z.object({
    TargetValue: z.number(),
    CustomizedMetricSpecification: z.object({
      Metrics: z.array(
        z.object({
          Id: z.string(),
          MetricStat: z.object({ Metric: z.object({ Namespace: z.string() }) }).optional(),
        }),
      ),
    }),
  }),
});
const QUEUES: Readonly<Record<string, OrderWay["queues"][number]>> = {
  "AWS/SQS": "sqs",
  "AWS/AmazonMQ": "rabbitmq",
};
/** An invocation of the bridge for a full batch: an estimate, since nothing was measured on AWS. */
const BATCH_SECONDS = 0.05;

/** The way of orders as the template limits and scales it; `taskPerSecond` is what a task of billing records. */
export function orderWay(app: App, taskPerSecond: number): OrderWay {
  const all = <T extends z.ZodType>(stack: string, type: string, schema: T) => {
    const resources = app.resources.filter(({ name }) => name.startsWith(`${stack}/`));
    return resourcesOf({ ...app, resources }, type, schema).map(({ properties }) => properties);
  };
  const of = <T extends z.ZodType>(stack: string, type: string, schema: T) => {
    const [found] = all(stack, type, schema);
    if (!found) throw new Error(`The template has no ${type} in ${stack}.`);
    return found;
  };
  // The batches of the standard lane, which has the most; premium orders have others on top.
  const perSecond = all("Orders", "AWS::Lambda::EventSourceMapping", EventSource).map(
    ({ BatchSize, ScalingConfig }) => (BatchSize * ScalingConfig.MaximumConcurrency) / BATCH_SECONDS,
  );
  const { MinCapacity, MaxCapacity } = of("Billing", "AWS::ApplicationAutoScaling::ScalableTarget", Target);
  const policy = of("Billing", "AWS::ApplicationAutoScaling::ScalingPolicy", Backlog);
  const { TargetValue, CustomizedMetricSpecification } = policy.TargetTrackingScalingPolicyConfiguration;
  return {
    bridgePerSecond: Math.max(...perSecond),
    rabbitmqMax: BILLING_LENGTH_MAX,
    taskPerSecond,
    min: MinCapacity,
    max: MaxCapacity,
    target: TargetValue,
    // Each lane has a metric of its own.
    queues: [
      ...new Set(
        CustomizedMetricSpecification.Metrics.flatMap(
          ({ MetricStat }) => QUEUES[MetricStat?.Metric.Namespace ?? ""] ?? [],
        ),
      ),
    ],
  };
}
