import { ROOT } from "@cloud-design/local/platform/settings";
import { deployedStage, type NamedStage } from "@cloud-design/stage/deployed";
import { machineToken } from "@cloud-design/stage/machine-token";
import type { Subject } from "../smoke.ts";
import { onStage } from "./access.ts";

/** The addresses of a stage for the smoke test, with a token of its own client. */
export async function subjectOf(named: NamedStage): Promise<Subject> {
  const { outputs, access } = await onStage(named, () => deployedStage(named, ROOT));
  return {
    siteUrl: outputs.SiteUrl,
    token: () => onStage(named, () => machineToken(access, outputs, "SmokeClientId")),
  };
}
