import { SetupError } from "@cloud-design/local/supervisor/part";
import { explained } from "@cloud-design/stage/aws-access";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { checkRegion, checkStageName } from "@cloud-design/stage/name";
import { Refusal } from "@cloud-design/stage/refusal";
import { DEFAULT_REGION } from "@cloud-design/stage/regions";
import type { StageAccess } from "@cloud-design/stage/resources";

/** Works on a stage on AWS; a refusal of AWS becomes one sentence. The module is loaded only then, because an image of the laptop lacks the packages for AWS. */
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
