import * as z from "zod";
import { jsonService } from "../aws-json.ts";
import type { Part } from "../converge.ts";

const Alarm = z.object({ AlarmName: z.string(), ActionsEnabled: z.boolean() });
const Alarms = z.object({
  MetricAlarms: z.array(Alarm).default([]),
  CompositeAlarms: z.array(Alarm).default([]),
  NextToken: z.string().optional(),
});
/** Most alarms in one request. */
const BATCH_MAX = 100;

/** The actions of all alarms of the stage. Their states go on, so the console still shows which of them would ring. */
export function alarmsPart(prefix: string): Part {
  const cloudWatch = jsonService("monitoring");
  async function named(NextToken?: string): Promise<z.output<typeof Alarm>[]> {
    const page = await cloudWatch(
      "DescribeAlarms",
      {
        AlarmNamePrefix: prefix,
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
        MaxRecords: BATCH_MAX,
        ...(NextToken && { NextToken }),
      },
      Alarms,
    );
    const found = [...page.MetricAlarms, ...page.CompositeAlarms];
    return page.NextToken ? [...found, ...(await named(page.NextToken))] : found;
  }
  return {
    name: "alarms",
    async step(wanted) {
      const isEnabled = wanted === "awake";
      const wrong = (await named()).filter(({ ActionsEnabled }) => ActionsEnabled !== isEnabled);
      for (let from = 0; from < wrong.length; from += BATCH_MAX) {
        const AlarmNames = wrong.slice(from, from + BATCH_MAX).map(({ AlarmName }) => AlarmName);
        await cloudWatch(`${isEnabled ? "Enable" : "Disable"}AlarmActions`, { AlarmNames }, z.unknown());
      }
      return { state: isEnabled ? "ring" : "silent", isDone: true };
    },
  };
}
