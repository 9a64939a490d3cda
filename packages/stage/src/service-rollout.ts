import { setTimeout as sleep } from "node:timers/promises";
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { clientSettings } from "./aws-access.ts";
import { Refusal } from "./refusal.ts";
import type { StageAccess } from "./resources.ts";

const LOOK_AGAIN_MS = 3_000;
/** A task starts within a minute or two; the deployment alarms then observe it for some minutes more. */
const PATIENCE_MINUTES = 30;

/** CloudFormation's id of a service is its ARN, which contains the cluster. */
export function serviceOf(arn: string): { cluster: string; services: [string] } {
  const [, cluster = ""] = /:service\/([^/]+)\//.exec(arn) ?? [];
  return { cluster, services: [arn] };
}

/**
 * Replaces all running tasks by new ones, which start first. Resolves when ECS reports completion; throws when ECS has rolled the deployment
 * back.
 */
export async function rollOut(
  stage: StageAccess,
  arn: string,
  report: (doing: string) => void,
): Promise<void> {
  const client = new ECSClient(clientSettings(stage));
  const { cluster, services } = serviceOf(arn);
  const { service } = await client.send(
    new UpdateServiceCommand({ cluster, service: arn, forceNewDeployment: true }),
  );
  const { id } = service?.deployments?.find(({ status }) => status === "PRIMARY") ?? {};
  const until = performance.now() + PATIENCE_MINUTES * 60_000;
  for (let said = ""; performance.now() < until; await sleep(LOOK_AGAIN_MS)) {
    const answer = await client.send(new DescribeServicesCommand({ cluster, services }));
    const ours = answer.services?.[0]?.deployments?.find((deployment) => deployment.id === id);
    if (ours?.rolloutState === "COMPLETED") return;
    // ECS soon stops listing a deployment that was rolled back.
    if (ours === undefined || ours.rolloutState === "FAILED") {
      throw new Refusal(
        `ECS has rolled it back: ${ours?.rolloutStateReason ?? "another deployment has taken its place"}.`,
      );
    }
    const { runningCount = 0, desiredCount = 0, failedTasks = 0 } = ours;
    const failed = failedTasks > 0 ? `, ${failedTasks} failed` : "";
    const doing = `${runningCount} of ${desiredCount} new tasks run${failed}`;
    if (doing !== said) report(doing);
    said = doing;
  }
  throw new Refusal(`It is not done after ${PATIENCE_MINUTES} minutes, and goes on.`);
}
