import { explained } from "../../../../stacks/shared/aws-access.ts";
import { Refusal } from "../../../../stacks/shared/refusal.ts";
import { DEFAULT_REGION } from "../../../../stacks/shared/regions.ts";
import { checkRegion, checkStageName } from "../../../../stacks/shared/stage-name.ts";
import type { StageAccess } from "../../../../stacks/shared/stage-resources.ts";
import { SetupError } from "../part.ts";
import type { NamedStage } from "./flags.ts";

/** Works on a stage on AWS; what AWS refuses is said in one sentence. Loaded only then: an image of the laptop has no AWS to ask. */
export async function onStage<T>(named: NamedStage, work: (stage: StageAccess) => Promise<T>): Promise<T> {
  const stage = { ...named, region: named.region ?? DEFAULT_REGION };
  try {
    checkStageName(stage.stage);
    checkRegion(stage.region);
    return await work(stage);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError((error instanceof Refusal ? error : explained(error, stage)).message, {
      cause: error,
    });
  }
}
