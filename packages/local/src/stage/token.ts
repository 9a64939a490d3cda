import { machineToken } from "../../../../stacks/shared/machine-token.ts";
import type { StageOutputs } from "../../../../stacks/shared/stage-outputs.ts";
import { SetupError } from "../part.ts";
import { onStage } from "./access.ts";
import { deployedStage } from "./deployed.ts";
import type { NamedStage } from "./flags.ts";

/** A token of the stage's machine client. People sign in by themselves: a stage has no user whose password is known. */
export async function tokenOnStage(named: NamedStage, positionals: string[]): Promise<string> {
  return onStage(named, async () => {
    const { outputs, access } = await deployedStage(named);
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
