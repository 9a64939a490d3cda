import { ROOT } from "@cloud-design/local/platform/settings";
import { deployedStage, type NamedStage } from "@cloud-design/stage/deployed";
import { machineToken } from "@cloud-design/stage/machine-token";
import { stageSettings } from "@cloud-design/stage/preset";
import { PER_USE, totalOf } from "@cloud-design/stage/prices";
import { REQUESTS_MAX, WINDOW_SECONDS } from "@cloud-design/stage/request-limits";
import { usedMonth } from "@cloud-design/stage/usage";
import { isConfirmed } from "../confirm.ts";
import { onStage } from "./access.ts";

/** Four fifths of the firewall's limit, so that a page in a browser at the same address still loads. */
const PER_SECOND_MAX = Math.floor((REQUESTS_MAX / WINDOW_SECONDS) * 0.8);

interface Volume {
  requests: number;
  orders: number;
}

/** A stage as its clients see it, with the token of its machine client. It asks before it is loaded. */
export async function targetOf(named: NamedStage, { isSure }: { isSure: boolean }) {
  const { outputs, access } = await onStage(named, () => deployedStage(named, ROOT));
  return {
    name: named.stage,
    url: outputs.SiteUrl,
    token: () => onStage(named, () => machineToken(access, outputs, "MachineClientId")),
    perSecondMax: PER_SECOND_MAX,
    async isWanted(volume: Volume) {
      if (isSure) return true;
      console.log(planText(named.stage, volume));
      return isConfirmed(`Load ${named.stage}?`, `load the stage ${named.stage}`);
    },
  };
}

function planText(stage: string, { requests, orders }: Volume): string {
  // Each order is asked for at least once. An upper bound: spread over a month, so few requests a second are all traced by Lambda.
  const usd = totalOf(usedMonth({ reads: requests, orders }, stageSettings(stage))) + PER_USE.token;
  const whole = (count: number) => count.toLocaleString("en");
  return [
    `Loading ${stage} with about ${whole(requests)} requests, at most ${PER_SECOND_MAX} a second`,
    `  costs   ${usd < 0.01 ? "under $0.01" : `about $${usd.toFixed(2)}`}, and $${PER_USE.taskHour.toFixed(3)} for an hour of each task that scaling adds`,
    `  leaves  about ${whole(orders)} orders of one cent, which the API cannot delete`,
  ].join("\n");
}
