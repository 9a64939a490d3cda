import * as z from "zod";
import { jsonService } from "../aws-json.ts";
import type { Part } from "../converge.ts";

const Count = z.int().nonnegative();
const Services = z.object({
  services: z.tuple([z.object({ desiredCount: Count, runningCount: Count, pendingCount: Count })]),
});
const Targets = z.object({
  ScalableTargets: z.array(
    z.object({
      MinCapacity: Count,
      SuspendedState: z.object({ DynamicScalingOutSuspended: z.boolean() }).optional(),
    }),
  ),
});
/** A service that does not scale has one task. */
const TASKS = 1;

/**
 * An ECS service: no task while asleep, and its scaling suspended, because a backlog would start tasks. It wakes with the fewest tasks of its
 * scaling, which keeps that number meanwhile.
 */
export function servicePart(name: string, arn: string): Part {
  const ecs = jsonService("ecs");
  const scaling = jsonService("application-autoscaling");
  const [, ResourceId = "", cluster = ""] = /:(service\/([^/]+)\/.+)$/.exec(arn) ?? [];
  const scaled = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" };
  const suspend = (isSuspended: boolean) =>
    scaling(
      "RegisterScalableTarget",
      {
        ...scaled,
        ResourceId,
        SuspendedState: {
          DynamicScalingInSuspended: isSuspended,
          DynamicScalingOutSuspended: isSuspended,
          ScheduledScalingSuspended: isSuspended,
        },
      },
      z.unknown(),
    );
  const ask = (desiredCount: number) =>
    ecs("UpdateService", { cluster, service: arn, desiredCount }, z.unknown());
  return {
    name,
    async step(wanted) {
      const [found, targets] = await Promise.all([
        ecs("DescribeServices", { cluster, services: [arn] }, Services),
        scaling("DescribeScalableTargets", { ...scaled, ResourceIds: [ResourceId] }, Targets),
      ]);
      const [{ desiredCount, runningCount, pendingCount }] = found.services;
      const [target] = targets.ScalableTargets;
      const isSuspended = target?.SuspendedState?.DynamicScalingOutSuspended === true;
      if (wanted === "asleep") {
        if (target && !isSuspended) await suspend(true);
        if (desiredCount > 0) await ask(0);
        return {
          state: `${runningCount} tasks`,
          isDone: desiredCount + runningCount + pendingCount === 0,
        };
      }
      const tasks = Math.max(desiredCount, target?.MinCapacity ?? TASKS);
      if (desiredCount < tasks) await ask(tasks);
      // Tasks that run although fewer are desired are about to stop.
      const isDone = desiredCount >= tasks && runningCount >= tasks;
      if (isDone && isSuspended) await suspend(false);
      return { state: `${runningCount} of ${tasks} tasks`, isDone };
    },
  };
}
