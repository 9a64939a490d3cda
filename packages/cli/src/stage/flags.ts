import type { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { NamedStage } from "@cloud-design/stage/deployed";

type Values = ReturnType<typeof parseFlags>["values"];

/** What each command takes that does on AWS what it does on the laptop. */
export const STAGE_FLAGS = {
  stage: { type: "string" },
  region: { type: "string" },
  profile: { type: "string" },
} as const;

/** The stage that was named; nothing means the laptop, for which the other flags say nothing. */
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
