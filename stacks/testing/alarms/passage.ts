import { amongQuietHours, type Recording } from "@cloud-design/cloudwatch/recording";
import type { Alarm } from "./alarms.ts";

/** An alarm's way through the recording of a fault. */
export interface Passage {
  /** From the fault's first minute to the end of the one in which it rings; undefined when it does not. */
  ringsAfter: number | undefined;
  /** From the fault's last minute to the last one in which it rings; 0 when it was quiet by then. */
  overAfter: number;
  /** What is not OK, then ALARM while the fault lasts, then OK. */
  problems: string[];
}

export function passageOf(alarm: Alarm, recording: Recording, quiet: Recording): Passage {
  const { fault } = recording.phases;
  if (!fault) throw new Error(`The recording of ${recording.fault} does not say when the fault was there.`);
  const [from, to] = fault;
  const states = alarm.states(amongQuietHours(recording, quiet));
  const before = Array.from({ length: from }, () => states.next().value);
  let [first, last, state]: [number?, number?, string?] = [];
  // A window may be longer than what was recorded after the fault; quiet hours follow then, and nowhere else.
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

/** The minutes of normal traffic in which an alarm is anything but OK. */
export function minutesNotOk(alarm: Alarm, quiet: Recording): number[] {
  const states = alarm.states(amongQuietHours(quiet, quiet));
  return Array.from({ length: quiet.minutes }, () => states.next().value).flatMap((state, minute) =>
    state === "OK" ? [] : [minute],
  );
}
