import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { jsonService } from "./aws-json.ts";
import { AWAKE, SleepState } from "./protocol.ts";
import type { SleeperDependencies } from "./sleeper.ts";

const Parameter = z.object({ Parameter: z.object({ Value: z.string() }) });

/** The wanted state in a parameter of the stage. A text that cannot be read counts as awake: no stage falls asleep by mistake. */
export function openState(Name: string): SleeperDependencies["state"] {
  const ssm = jsonService("ssm");
  return {
    async read() {
      const answer = await ssm("GetParameter", { Name }, Parameter);
      return SleepState.safeParse(parseJson(answer.Parameter.Value)).data ?? AWAKE;
    },
    async write(state) {
      await ssm("PutParameter", { Name, Value: JSON.stringify(state), Overwrite: true }, z.unknown());
    },
  };
}
