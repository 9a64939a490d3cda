import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";

/** A value, or a value with its number of samples. */
const Sample = z.union([z.number(), z.tuple([z.number(), z.number().positive()])]);
export type Sample = z.output<typeof Sample>;

const Series = z.record(z.string().regex(/^\d+$/), z.array(Sample));

/**
 * The samples that CloudWatch would have received of each metric (`metricKey`), minute by minute, during an injected fault; a minute without an
 * entry has no sample.
 */
export const Recording = z.object({
  fault: z.string(),
  minutes: z.int().positive(),
  phases: z.object({
    /** Its first and its last minute; absent for normal traffic. */
    fault: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).optional(),
  }),
  series: z.record(z.string(), Series),
});
export type Recording = z.output<typeof Recording>;

/** The name of the recording of an hour without a fault. */
export const QUIET = "quiet";

/** The samples of a metric in a minute, which may lie before the recording or after it. */
export type Timeline = (key: string, minute: number) => readonly Sample[];

/** The key of a metric in recordings: `AWS/SQS ApproximateAgeOfOldestMessage QueueName=<Orders/Queue.QueueName>`. */
export function metricKey(
  namespace: string,
  metric: string,
  dimensions: Readonly<Record<string, string>>,
): string {
  const pairs = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return [namespace, metric, ...(pairs.length > 0 ? [pairs.sort().join(",")] : [])].join(" ");
}

/** The samples of a metric. */
export interface Reading {
  key: string;
  samples: Sample[];
}

/** The folder into which `npm run alarms` writes recordings. */
export const RECORDINGS = join(import.meta.dirname, "../../lab/src/alarms/recordings");
let committed: ReadonlyMap<string, Recording> | undefined;

/** The recordings of the repository, read once. */
export function committedRecordings(): ReadonlyMap<string, Recording> {
  committed ??= readRecordings(RECORDINGS);
  return committed;
}

/** Recordings by their faults, which are also the files' names. */
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

/** Puts a recording between quiet hours: the quiet recording repeats before it and after it. */
export function amongQuietHours(recording: Recording, quiet: Recording): Timeline {
  return (key, minute) => {
    if (minute >= 0 && minute < recording.minutes) return recording.series[key]?.[minute] ?? [];
    const since = minute < 0 ? minute : minute - recording.minutes;
    const wrapped = ((since % quiet.minutes) + quiet.minutes) % quiet.minutes;
    return quiet.series[key]?.[wrapped] ?? [];
  };
}
