import { ROOT } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { deployedStage, type NamedStage } from "@cloud-design/stage/deployed";
import { machineToken } from "@cloud-design/stage/machine-token";
import type { StageOutputs } from "@cloud-design/stage/outputs";
import { onStage } from "./access.ts";

/** A token of the stage's machine client. People sign in by themselves: a stage has no user whose password is known. */
export async function tokenOnStage(named: NamedStage, positionals: string[]): Promise<string> {
  return onStage(named, async () => {
    const { outputs, access } = await deployedStage(named, ROOT);
    const [user = "machine", ...more] = positionals;
    if (user === "machine" && more.length === 0) return machineToken(access, outputs, "MachineClientId");
    throw new SetupError(
      `${named.stage} has no demo users, only the machine: a person whom you invite (docs/deploy.md) signs in at ${signInPage(outputs)}`,
    );
  });
}

function signInPage({ SignInUrl, WebClientId, SiteUrl }: StageOutputs): string {
  const url = new URL("/login", SignInUrl);
  url.search = new URLSearchParams({
    client_id: WebClientId,
    response_type: "code",
    redirect_uri: `${SiteUrl}/`,
  }).toString();
  return url.href;
}
