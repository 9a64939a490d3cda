import { committedRecordings, QUIET, type Recording } from "@cloud-design/cloudwatch/recording";
import { type Alarm, alarmsOf } from "../alarms/alarms.ts";
import { minutesNotOk, passageOf } from "../alarms/passage.ts";
import { RINGS_WITH } from "../alarms/rings-with.ts";
import type { App } from "../app.ts";

/**
 * Every alarm goes from OK to ALARM and back in the recording of a fault, by its own definition; every recording is used by an alarm. The
 * recordings hold prod's metrics: the alarms of the other stages are a subset of prod's.
 */
export function alarmFaults(app: App): string[] {
  if (app.stage !== "prod") return [];
  const recordings = committedRecordings();
  const alarms = alarmsOf(app);
  const ringing = [...alarms.values()].filter(({ rings }) => rings);
  const faultsOf = Map.groupBy(RINGS_WITH, ({ alarm }) => alarm);
  const used = new Set(RINGS_WITH.map(({ fault }) => fault));
  return [
    ...ringing.flatMap((alarm) => {
      const faults = faultsOf.get(alarm.name);
      if (!faults) return [`${alarm.name} rings with no fault of stacks/testing/alarms/rings-with.ts.`];
      return faults.flatMap(({ fault }) => problemsWith(alarm, fault, recordings));
    }),
    ...[...faultsOf.keys()]
      .filter((name) => !alarms.get(name)?.rings)
      .map((name) => `${name}, of stacks/testing/alarms/rings-with.ts, is no alarm that rings.`),
    ...[...recordings.keys()]
      .filter((fault) => fault !== QUIET && !used.has(fault))
      .map((fault) => `No alarm of stacks/testing/alarms/rings-with.ts needs the recording of ${fault}.`),
  ];
}

/** In an hour of normal traffic every alarm, and every part of one, stays OK. */
export function alarmsInQuiet(app: App): string[] {
  if (app.stage !== "prod") return [];
  const quiet = recordingOf(QUIET, committedRecordings());
  return [...alarmsOf(app).values()].flatMap((alarm) => {
    const minutes = minutesNotOk(alarm, quiet);
    return minutes.length === 0
      ? []
      : [`${alarm.name} is not OK in the quiet minutes ${minutes.join(", ")}.`];
  });
}

function problemsWith(alarm: Alarm, fault: string, recordings: ReadonlyMap<string, Recording>): string[] {
  return passageOf(alarm, recordingOf(fault, recordings), recordingOf(QUIET, recordings)).problems;
}

function recordingOf(fault: string, recordings: ReadonlyMap<string, Recording>): Recording {
  const recording = recordings.get(fault);
  if (!recording) throw new Error(`There is no recording of ${fault}: npm run alarms makes one.`);
  return recording;
}
