import type { parseFlags } from "../flags.ts";
import { SetupError } from "../part.ts";

type Values = ReturnType<typeof parseFlags>["values"];

/** What each command takes that does on AWS what it does on the laptop. */
export const STAGE_FLAGS = {
  stage: { type: "string" },
  region: { type: "string" },
  profile: { type: "string" },
} as const;

export interface NamedStage {
  stage: string;
  region?: string | undefined;
  profile?: string | undefined;
}

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
