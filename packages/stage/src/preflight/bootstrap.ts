import { Refusal } from "../refusal.ts";
import { BOOTSTRAP_STACKS, type StageStack } from "./stage-stacks.ts";

/** The minimum of SST, which updates an older one (its bootstrap.js). */
const CDK_VERSION_MIN = 14;

/** The stacks that an account needs once for all stages. SST creates them with the CDK of the lockfile, so nothing is downloaded. */
export function checkBootstrap(stacks: readonly StageStack[]): string {
  const [cdk, sst] = BOOTSTRAP_STACKS.map((name) => stacks.find(({ fullName }) => fullName === name));
  for (const stack of [cdk, sst]) {
    if (stack && !/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) {
      throw new Refusal(
        `The stack ${stack.fullName}, which all stages share, is ${stack.status}: look at its events in CloudFormation, delete it if its creation failed, and deploy again.`,
      );
    }
  }
  const version = Number(cdk?.outputs.BootstrapVersion ?? 0);
  const said = [
    cdk ? `CDKToolkit ${version}${version < CDK_VERSION_MIN ? ", which deploy brings up to date" : ""}` : "",
    sst ? `SSTBootstrap ${sst.outputs.Version}` : "",
  ].filter((part) => part !== "");
  const made = BOOTSTRAP_STACKS.filter((_, index) => ![cdk, sst][index]);
  return [...said, ...(made.length > 0 ? [`deploy makes ${made.join(" and ")}`] : [])].join(", ");
}
