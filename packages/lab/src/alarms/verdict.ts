import { amongQuietHours, type Recording } from "@cloud-design/cloudwatch/recording";
import { type Alarm, alarmsOf } from "@cloud-design/stacks/testing/alarms/alarms";
import { minutesNotOk, passageOf } from "@cloud-design/stacks/testing/alarms/passage";
import { RINGS_WITH } from "@cloud-design/stacks/testing/alarms/rings-with";
import type { App } from "@cloud-design/stacks/testing/app";

export interface Verdict {
  recording: string;
  /** The alarms that must ring, and when they did, in minutes from the fault's beginning and from its end. */
  passages: { alarm: string; ringsAfter: number | undefined; overAfter: number }[];
  /** Other alarms that rang. */
  others: string[];
  /** The deviations, in sentences. */
  problems: string[];
}

/** The alarms that must ring with these faults; others may ring too. */
export function alarmsWith(...faults: readonly string[]): string[] {
  return RINGS_WITH.filter(({ fault }) => faults.includes(fault)).map(({ alarm }) => alarm);
}

/** Evaluates the template's alarms over the recording of a fault that must ring the expected ones, or over an hour of normal traffic if the list is empty. */
export function judge(
  app: App,
  recording: Recording,
  quiet: Recording,
  expected: readonly string[],
): Verdict {
  const alarms = alarmsOf(app);
  const rang = [...alarms.values()].filter((alarm) => alarm.rings && ringsIn(alarm, recording, quiet));
  const others = rang.map(({ name }) => name).filter((name) => !expected.includes(name));
  const passages: Verdict["passages"] = [];
  const problems = expected.length > 0 ? [] : [...alarms.values()].flatMap((alarm) => inQuiet(alarm, quiet));
  for (const name of expected) {
    const alarm = alarms.get(name);
    if (alarm) {
      const { problems: own, ...passage } = passageOf(alarm, recording, quiet);
      passages.push({ alarm: name, ...passage });
      problems.push(...own);
    } else problems.push(`The template has no alarm ${name}.`);
  }
  return { recording: recording.fault, passages, others, problems };
}

export function describe({ passages, others, problems }: Verdict): string {
  const rings = passages.map(({ alarm, ringsAfter, overAfter }) =>
    ringsAfter === undefined
      ? `${alarm} is silent`
      : `${alarm} rings after ${ringsAfter} min, over ${overAfter} min after it`,
  );
  const all = [...rings, ...(others.length > 0 ? [`besides: ${others.join(", ")}`] : []), ...problems];
  return all.length > 0 ? all.join("; ") : "no alarm rings";
}

function ringsIn(alarm: Alarm, recording: Recording, quiet: Recording): boolean {
  const states = alarm.states(amongQuietHours(recording, quiet));
  return Array.from({ length: recording.minutes }, () => states.next().value).includes("ALARM");
}

function inQuiet(alarm: Alarm, quiet: Recording): string[] {
  const minutes = minutesNotOk(alarm, quiet);
  return minutes.length > 0 ? [`${alarm.name} is not OK in the quiet minutes ${minutes.join(", ")}`] : [];
}
