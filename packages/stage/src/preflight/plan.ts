import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { presetOf } from "../preset.ts";
import { idleMonth, totalOf } from "../prices.ts";
import { type Preset, settingsOf } from "../settings.ts";
import type { Target } from "./preflight.ts";

const TEMPLATE = ".template.json";
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

/** The stacks of a built stage. `assembly` is the folder that `sst build` wrote. */
export function planOf(assembly: string, { stage }: Target, isFirst: boolean): Plan {
  const templates = readdirSync(assembly).filter((name) => name.endsWith(TEMPLATE));
  const counts = templates.map((name) => {
    const { Resources = {} } = JSON.parse(readFileSync(join(assembly, name), "utf8"));
    return Object.keys(Resources).length;
  });
  const preset = presetOf(stage);
  return {
    preset,
    stacks: templates.map((name) => name.slice(0, -TEMPLATE.length)),
    resources: counts.reduce((sum, count) => sum + count, 0),
    time: isFirst ? FIRST_TIME[preset] : NEXT_TIME,
    usdMonthly: totalOf(idleMonth(settingsOf(preset))),
  };
}
