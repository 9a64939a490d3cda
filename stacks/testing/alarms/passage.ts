import { amongQuietHours, type Recording } from "@cloud-design/cloudwatch/recording";
import type { Alarm } from "./alarms.ts";

/** The states of an alarm through the recording of a fault. */
export interface Passage {
  /** Minutes from the fault's start to the end of the first minute in which the alarm rings; undefined when it does not ring. */
  ringsAfter: number | undefined;
  /** Minutes from the fault's end to the last minute in which the alarm rings; 0 when it had ended by then. */
  overAfter: number;
  /** Each departure from OK before the fault, ALARM during it, OK after it. */
  problems: string[];
}

export function passageOf(alarm: Alarm, recording: Recording, quiet: Recording): Passage {
  const { fault } = recording.phases;
  if (!fault) throw new Error(`The recording of ${recording.fault} does not say when the fault lasted.`);
  const [from, to] = fault;
  const states = alarm.states(amongQuietHours(recording, quiet));
  const before = Array.from({ length: from }, () => states.next().value);
  let [first, last, state]: [number?, number?, string?] = [];
  // A window may be longer than the recording after the fault; quiet hours then follow, and only there.
  const end = Math.max(recording.minutes, to + 1 + alarm.span);
  for (let minute = from; minute < recording.minutes || (minute < end && state !== "OK"); minute += 1) {
    state = states.next().value;
    if (state === "ALARM") [first, last] = [first ?? minute, minute];
  }
  const problems = [
    ...(before.every((each) => each === "OK")
      ? []
      : [`is ${before.findLast((each) => each !== "OK")} before it`]),
    ...(first !== undefined && first <= to ? [] : ["does not ring while it lasts"]),
    ...(state === "OK" ? [] : [`is ${state} after it`]),
  ].map((what) => `${alarm.name} ${what}: ${recording.fault}.`);
  return {
    ringsAfter: first === undefined ? undefined : first - from + 1,
    overAfter: Math.max(0, (last ?? to) - to),
    problems,
  };
}

/** The minutes of normal traffic in which an alarm is not OK. */
export function minutesNotOk(alarm: Alarm, quiet: Recording): number[] {
  const states = alarm.states(amongQuietHours(quiet, quiet));
  return Array.from({ length: quiet.minutes }, () => states.next().value).flatMap((state, minute) =>
    state === "OK" ? [] : [minute],
  );
}
