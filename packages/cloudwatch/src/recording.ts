import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";

/** A value, or a value and how often it came. */
const Sample = z.union([z.number(), z.tuple([z.number(), z.number().positive()])]);
export type Sample = z.output<typeof Sample>;

const Series = z.record(z.string().regex(/^\d+$/), z.array(Sample));

/** What CloudWatch would have got of each metric (`metricKey`), minute by minute, while a fault was injected: nothing for a minute that is not there. */
export const Recording = z.object({
  fault: z.string(),
  minutes: z.int().positive(),
  phases: z.object({
    /** Its first and its last minute. Normal traffic has none. */
    fault: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).optional(),
  }),
  series: z.record(z.string(), Series),
});
export type Recording = z.output<typeof Recording>;

/** The recording of an hour in which nothing is wrong. */
export const QUIET = "quiet";

/** What came of a metric in a minute, which may lie before the recording or after it. */
export type Timeline = (key: string, minute: number) => readonly Sample[];

/** One metric as recordings call it: `AWS/SQS ApproximateAgeOfOldestMessage QueueName=<Orders/Queue.QueueName>`. */
export function metricKey(
  namespace: string,
  metric: string,
  dimensions: Readonly<Record<string, string>>,
): string {
  const pairs = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return [namespace, metric, ...(pairs.length > 0 ? [pairs.sort().join(",")] : [])].join(" ");
}

/** What came of a metric. */
export interface Reading {
  key: string;
  samples: Sample[];
}

/** Where `npm run alarms` writes them. */
export const RECORDINGS = join(import.meta.dirname, "../../lab/src/alarms/recordings");
let committed: ReadonlyMap<string, Recording> | undefined;

/** Those of the repository, read once. */
export function committedRecordings(): ReadonlyMap<string, Recording> {
  committed ??= readRecordings(RECORDINGS);
  return committed;
}

/** By their faults, which are also the files' names. */
export function readRecordings(directory: string): Map<string, Recording> {
  const files = readdirSync(directory).filter((file) => file.endsWith(".json"));
  return new Map(
    files.map((file) => {
      const { data, error } = Recording.safeParse(JSON.parse(readFileSync(join(directory, file), "utf8")));
      if (error) throw new Error(`${join(directory, file)}: ${z.prettifyError(error)}`);
      const name = basename(file, ".json");
      if (data.fault !== name) throw new Error(`${file} is the recording of ${data.fault}: rename it.`);
      return [name, data];
    }),
  );
}

/** A fault comes in the midst of quiet hours: the recording of one of them, over and over, stands before it and after it. */
export function amongQuietHours(recording: Recording, quiet: Recording): Timeline {
  return (key, minute) => {
    if (minute >= 0 && minute < recording.minutes) return recording.series[key]?.[minute] ?? [];
    const since = minute < 0 ? minute : minute - recording.minutes;
    const wrapped = ((since % quiet.minutes) + quiet.minutes) % quiet.minutes;
    return quiet.series[key]?.[wrapped] ?? [];
  };
}
