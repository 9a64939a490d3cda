import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { idleMonth, totalOf } from "../prices.ts";
import type { Target } from "../shared/preflight.ts";
import { PROD, settingsOf } from "../stages.ts";

const TEMPLATE = ".template.json";
/** AWS's own figures for a broker, a database and a distribution; nobody has measured a whole stage. */
const FIRST_MINUTES = { prod: "up to 60", other: "about 30" };
const NEXT_MINUTES = "3 to 15, by what has changed";

export interface Plan {
  /** Their full names, as CloudFormation has them. */
  stacks: string[];
  resources: number;
  minutes: string;
  usdMonthly: number;
}

/** What a built stage is made of. `assembly` is the folder that `sst build` wrote. */
export function planOf(assembly: string, { stage }: Target, isFirst: boolean): Plan {
  const templates = readdirSync(assembly).filter((name) => name.endsWith(TEMPLATE));
  const counts = templates.map((name) => {
    const { Resources = {} } = JSON.parse(readFileSync(join(assembly, name), "utf8"));
    return Object.keys(Resources).length;
  });
  return {
    stacks: templates.map((name) => name.slice(0, -TEMPLATE.length)),
    resources: counts.reduce((sum, count) => sum + count, 0),
    minutes: isFirst ? FIRST_MINUTES[stage === PROD ? "prod" : "other"] : NEXT_MINUTES,
    usdMonthly: totalOf(idleMonth(settingsOf(stage))),
  };
}
