import { setTimeout as sleep } from "node:timers/promises";
import { QUIET, type Recording } from "@cloud-design/cloudwatch/recording";
import { atRest } from "./at-rest.ts";
import type { AlarmFault } from "./fault.ts";
import type { Laboratory } from "./laboratory.ts";
import { MINUTE_SECONDS } from "./recorder.ts";
import { NORMAL, startTraffic } from "./traffic.ts";

/** Minutes of normal traffic before a fault; an alarm is evaluated with quiet hours before them too (`amongQuietHours`). */
const MINUTES_BEFORE = 6;
const QUIET_MINUTES = 60;

type Say = (doing: string) => void;

/** Records an hour of normal traffic. */
export async function recordQuiet(lab: Laboratory, say: Say): Promise<Recording> {
  await lab.renewTokens();
  await using _traffic = await warmTraffic(lab, {});
  await untilMinute(lab, QUIET_MINUTES, say, "normal traffic");
  return lab.recorder.recording(QUIET, {});
}

/** Records some quiet minutes, the fault, and the minutes after it that its alarms need to end. */
export async function record(fault: AlarmFault, lab: Laboratory, say: Say): Promise<Recording> {
  const { recorder } = lab;
  await lab.renewTokens();
  let recording: Recording;
  {
    await using _traffic = await warmTraffic(lab, fault.pace ?? {});
    await untilMinute(lab, MINUTES_BEFORE, say, "quiet before");
    const from = recorder.minute;
    say(fault.injection);
    await fault.inject(lab);
    const to = recorder.minute;
    await untilMinute(lab, to + 1 + fault.calmMinutes, say, "quiet after");
    recording = recorder.recording(fault.name, { fault: [from, to] });
  }
  say("waiting until everything is at rest");
  await atRest(lab);
  return recording;
}

/** First requests open connections and compile code, so they must not be in a recording. */
async function warmTraffic(lab: Laboratory, pace: AlarmFault["pace"]): Promise<AsyncDisposable> {
  const traffic = startTraffic(lab, { ...NORMAL, ...pace });
  await sleep(2_000);
  lab.recorder.begin();
  return traffic;
}

async function untilMinute({ recorder }: Laboratory, minute: number, say: Say, doing: string): Promise<void> {
  while (recorder.minute < minute) {
    say(`${doing}: minute ${recorder.minute} of ${minute}`);
    await sleep(Math.min(recorder.restOfMinute + 1, MINUTE_SECONDS * 1_000));
  }
}
