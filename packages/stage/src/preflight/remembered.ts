import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { type AwsAccess, clientSettings, explained } from "../aws-access.ts";
import { environmentOf } from "../environment.ts";
import { nameOf } from "../names.ts";
import { defaultPreset, PRESET_TAG, PROD } from "../preset.ts";
import { Refusal } from "../refusal.ts";
import { PRESETS, type Preset } from "../settings.ts";

/** A stage without it has nothing that a preset decides. */
const ASKED_STACK = "Network";

/** The preset with which the stage was made. Undefined when it does not stand, or is older than presets. */
export async function rememberedPreset(stage: string, access: AwsAccess): Promise<Preset | undefined> {
  const client = new CloudFormationClient(clientSettings(access));
  try {
    const StackName = nameOf({ stage }, ASKED_STACK);
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    if (stack === undefined) return undefined;
    const tag = stack.Tags?.find(({ Key }) => Key === PRESET_TAG)?.Value;
    // Before there were presets, the name alone decided.
    return PRESETS.find((preset) => preset === tag) ?? defaultPreset(stage);
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return undefined;
    throw explained(error, access);
  } finally {
    client.destroy();
  }
}

/**
 * Refuses a preset that the stage cannot have, and makes the one that it has the setting `PRESET` of this process and its children. A stage keeps
 * its preset, because its resources have fixed names, under which CloudFormation cannot replace them by those of another one. `named` is
 * the flag's.
 */
export function settlePreset(
  stage: string,
  { named, remembered }: { named?: string | undefined; remembered?: Preset | undefined },
): string {
  const set = environmentOf().PRESET;
  if (named !== undefined && set !== undefined && named !== set) {
    throw new Refusal(`--preset ${named} contradicts the setting PRESET=${set}: leave one of them out.`);
  }
  const wanted = environmentOf({ PRESET: named ?? set }).PRESET;
  if (stage === PROD && wanted !== undefined && wanted !== defaultPreset(PROD)) {
    throw new Refusal(`prod is ${defaultPreset(PROD)} and cannot be ${wanted}: name another stage.`);
  }
  if (remembered !== undefined && wanted !== undefined && wanted !== remembered) {
    throw new Refusal(
      `The stage ${stage} was made ${remembered}, and a stage keeps its preset: leave ${wanted} out, or name a new stage for it.`,
    );
  }
  const preset = remembered ?? wanted ?? defaultPreset(stage);
  process.env.PRESET = preset;
  return remembered === undefined ? preset : `${preset}, as the stage was made`;
}
