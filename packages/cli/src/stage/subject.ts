import { ROOT } from "@cloud-design/local/platform/settings";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { deployedStage } from "@cloud-design/stage/deployed";
import { machineToken } from "@cloud-design/stage/machine-token";
import type { Subject } from "../smoke.ts";
import { onStage } from "./access.ts";

/** What the smoke test asks of a stage, as its own client. */
export async function subjectOf(named: NamedStage): Promise<Subject> {
  const { outputs, access } = await onStage(named, () => deployedStage(named, ROOT));
  return {
    siteUrl: outputs.SiteUrl,
    token: () => onStage(named, () => machineToken(access, outputs, "SmokeClientId")),
  };
}
