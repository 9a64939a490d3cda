import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { type AwsAccess, clientSettings, explained } from "../aws-access.ts";
import { type Addition, environmentOf } from "../environment.ts";
import { nameOf } from "../names.ts";
import { defaultPreset, PRESET_TAG, PROD, WITH_TAG } from "../preset.ts";
import { Refusal } from "../refusal.ts";
import { PRESETS, type Preset } from "../settings.ts";
import { isNeverComplete } from "./stage-state.ts";

/** A stage without it has nothing that a preset decides, and is not made yet. */
export const FIRST_STACK = "Network";

/** The choices that a stage keeps from one deployment to the next. */
interface Remembered {
  preset: Preset;
  addition: Addition;
  /** Whether the stage stands. The rest of a first deployment that has failed only tells what was wanted. */
  isMade: boolean;
}

/** The choices with which the stage was made. Undefined when nothing of it is there. */
export async function rememberedOf(stage: string, access: AwsAccess): Promise<Remembered | undefined> {
  const client = new CloudFormationClient(clientSettings(access));
  try {
    const StackName = nameOf({ stage }, FIRST_STACK);
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    if (stack === undefined) return undefined;
    const tag = (name: string) => stack.Tags?.find(({ Key }) => Key === name)?.Value;
    return {
      // Before there were presets, the name alone decided.
      preset: PRESETS.find((preset) => preset === tag(PRESET_TAG)) ?? defaultPreset(stage),
      addition: tag(WITH_TAG) === "proxy" ? "proxy" : "none",
      isMade: !isNeverComplete(stack.StackStatus),
    };
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return undefined;
    throw explained(error, access);
  } finally {
    client.destroy();
  }
}

/** The flags of the command line. */
interface Named {
  preset?: string | undefined;
  addition?: string | undefined;
}

interface Choice {
  named?: Named;
  remembered?: Remembered | undefined;
}

/** The preset and the addition that flags and settings ask for. Throws a Refusal when they contradict each other, or name one that a stage of this name cannot have. */
export function wantedOf(stage: string, named: Named) {
  const wanted = environmentOf({
    PRESET: agreed("PRESET", "--preset", named.preset),
    WITH: agreed("WITH", "--with", named.addition),
  });
  if (stage === PROD && wanted.PRESET !== undefined && wanted.PRESET !== defaultPreset(PROD)) {
    throw new Refusal(`prod is ${defaultPreset(PROD)} and cannot be ${wanted.PRESET}: name another stage.`);
  }
  return wanted;
}

/**
 * Refuses a preset that the stage cannot have, and makes what it is made of the settings `PRESET` and `WITH` of this process and its children. A
 * stage keeps its preset, because its resources have fixed names, under which CloudFormation cannot replace them by those of another one. The
 * addition may change at each deployment, and stays when nothing is said about it.
 */
export function settlePreset(stage: string, { named = {}, remembered }: Choice): string {
  const wanted = wantedOf(stage, named);
  const isFixed = remembered?.isMade === true;
  if (isFixed && wanted.PRESET !== undefined && wanted.PRESET !== remembered.preset) {
    throw new Refusal(
      `The stage ${stage} was made ${remembered.preset}, and a stage keeps its preset: leave ${wanted.PRESET} out, or name a new stage for it.`,
    );
  }
  const preset = (isFixed ? undefined : wanted.PRESET) ?? remembered?.preset ?? defaultPreset(stage);
  const addition = wanted.WITH ?? remembered?.addition ?? "none";
  Object.assign(process.env, { PRESET: preset, WITH: addition });
  const origin = isFixed ? ", as the stage was made" : "";
  return `${preset}${origin}${addition === "none" ? "" : `; with ${addition}`}`;
}

/** The flag's value, or the setting's. Throws a Refusal when they differ. */
function agreed(setting: "PRESET" | "WITH", flag: string, named: string | undefined): string | undefined {
  const set = environmentOf()[setting];
  if (named !== undefined && set !== undefined && named !== set) {
    throw new Refusal(`${flag} ${named} contradicts the setting ${setting}=${set}: leave one of them out.`);
  }
  return named ?? set;
}
