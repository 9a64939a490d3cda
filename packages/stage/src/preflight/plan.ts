import { billOf } from "../bill/bill.ts";
import { resourcesIn, stacksIn } from "../bill/templates.ts";
import { presetOf } from "../preset.ts";
import { totalOf } from "../prices.ts";
import type { Preset } from "../settings.ts";
import type { Target } from "./preflight.ts";

/** From AWS's own figures for a broker, a database and a distribution; a whole stage has not been measured. */
const FIRST_TIME = {
  hardened: "up to 60 minutes",
  standard: "about 30 minutes",
  learner: "about 20 minutes",
} as const satisfies Record<Preset, string>;
const NEXT_TIME = "3 to 15 minutes, by what has changed";

export interface Plan {
  preset: Preset;
  /** Full names, as in CloudFormation. */
  stacks: string[];
  resources: number;
  time: string;
  usdMonthly: number;
}

/** The stacks of a built stage, and their price. `assembly` is the folder that `sst build` wrote. */
export function planOf(assembly: string, { stage }: Target, isFirst: boolean): Plan {
  const resources = resourcesIn(assembly);
  const preset = presetOf(stage);
  return {
    preset,
    stacks: stacksIn(assembly),
    resources: resources.length,
    time: isFirst ? FIRST_TIME[preset] : NEXT_TIME,
    usdMonthly: totalOf(billOf(resources)),
  };
}
