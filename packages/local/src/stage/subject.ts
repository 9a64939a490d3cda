import { machineToken } from "../../../../stacks/shared/machine-token.ts";
import type { Subject } from "../commands/smoke.ts";
import { onStage } from "./access.ts";
import { deployedStage } from "./deployed.ts";
import type { NamedStage } from "./flags.ts";

/** What the smoke test asks of a stage, as its own client. */
export async function subjectOf(named: NamedStage): Promise<Subject> {
  const { outputs, access } = await onStage(named, () => deployedStage(named));
  return {
    siteUrl: outputs.SiteUrl,
    token: () => onStage(named, () => machineToken(access, outputs, "SmokeClientId")),
  };
}
