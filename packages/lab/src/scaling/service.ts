import { type App, resourcesOf } from "@cloud-design/stacks/testing/app";
import * as z from "zod";
import type { Policy, Service } from "./target-tracking.ts";

const CPU_UNITS_A_CORE = 1_024;
/** Application Auto Scaling's default for an ECS service, where the template says nothing. */
const COOLDOWN_SECONDS = 300;
const METRICS: Readonly<Record<string, Policy["metric"]>> = {
  ECSServiceAverageCPUUtilization: "processor",
  ALBRequestCountPerTarget: "requests",
};

const Target = z.object({ MinCapacity: z.number(), MaxCapacity: z.number() });
const Task = z.object({ Cpu: z.coerce.number() });
const Tracking = z.object({
  TargetTrackingScalingPolicyConfiguration: z.object({
    TargetValue: z.number(),
    ScaleOutCooldown: z.number().default(COOLDOWN_SECONDS),
    ScaleInCooldown: z.number().default(COOLDOWN_SECONDS),
    PredefinedMetricSpecification: z.object({ PredefinedMetricType: z.string() }).optional(),
  }),
});

/** Inventory as its template scales it. Billing's policy follows the broker's backlog, which requests to the API do not fill. */
export function inventoryService(app: App): Service {
  const ofInventory = <T extends z.ZodType>(type: string, schema: T) =>
    resourcesOf(app, type, schema).filter(({ name }) => name.startsWith("Inventory/"));
  const [target] = ofInventory("AWS::ApplicationAutoScaling::ScalableTarget", Target);
  const [task] = ofInventory("AWS::ECS::TaskDefinition", Task);
  if (!target || !task) throw new Error("The template has no inventory service that scales.");
  const policies = ofInventory("AWS::ApplicationAutoScaling::ScalingPolicy", Tracking).map(
    ({ name, properties: { TargetTrackingScalingPolicyConfiguration: tracking } }): Policy => {
      const metric = METRICS[tracking.PredefinedMetricSpecification?.PredefinedMetricType ?? ""];
      if (metric === undefined) throw new Error(`The simulation does not know the metric of ${name}.`);
      return {
        metric,
        target: tracking.TargetValue,
        scaleOutCooldownSeconds: tracking.ScaleOutCooldown,
        scaleInCooldownSeconds: tracking.ScaleInCooldown,
      };
    },
  );
  return {
    min: target.properties.MinCapacity,
    max: target.properties.MaxCapacity,
    taskMsPerSecond: (task.properties.Cpu / CPU_UNITS_A_CORE) * 1_000,
    policies,
  };
}
