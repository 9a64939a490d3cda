import type { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { NamedStage } from "@cloud-design/stage/deployed";

type Values = ReturnType<typeof parseFlags>["values"];

/** The flags of each command that works on AWS as on the laptop. */
export const STAGE_FLAGS = {
  stage: { type: "string" },
  region: { type: "string" },
  profile: { type: "string" },
} as const;

/** The named stage; undefined means the laptop, for which the other flags have no meaning. */
export function namedStage(
  values: Values,
  onlyWithStage: readonly string[] = ["region", "profile"],
): NamedStage | undefined {
  const { stage, region, profile } = values;
  if (stage === undefined) {
    const alone = onlyWithStage.find((name) => values[name] !== undefined);
    if (alone) throw new SetupError(`--${alone} needs --stage NAME beside it.`);
    return undefined;
  }
  const text = (value: unknown) => (value === undefined ? undefined : String(value));
  return { stage: String(stage), region: text(region) ?? process.env.AWS_REGION, profile: text(profile) };
}
