import * as z from "zod";

export const Wanted = z.enum(["awake", "asleep"]);
export type Wanted = z.output<typeof Wanted>;

/** The hour at which a stage falls asleep each day. */
export const Evening = z.object({
  /** On the clock of `zone`: 00:00 to 23:59. */
  at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is not an hour: write it as in 20:00."),
  /** A name of the time zone database, so that the hour follows summer time. */
  zone: z.string().refine(isZone, "is not a time zone: write it as in Europe/Paris."),
});
export type Evening = z.output<typeof Evening>;

/** The content of the stage's parameter. */
export const SleepState = z.object({
  wanted: Wanted,
  /** Since when that is wanted, and who said so; absent before the first time. */
  since: z.iso.datetime().optional(),
  by: z.string().optional(),
  /** Whether every part has got there. An awake stage is left alone from then on; an asleep one is looked at again and again. */
  isSettled: z.boolean(),
  /** Until then the stage stays awake, because it is being deployed. */
  heldUntil: z.iso.datetime().optional(),
  /** `doneOn` is the day of the last evening that needs no more action. */
  evening: Evening.extend({ doneOn: z.iso.date() }).optional(),
});
export type SleepState = z.output<typeof SleepState>;

/** A stage as it is deployed. */
export const AWAKE: SleepState = { wanted: "awake", isSettled: true };

/** The longest that a deployment may keep a stage awake, should it end without a word. */
const HOLD_MINUTES_MAX = 180;

/** A request that names nothing only goes on with what is wanted already: the schedule's, and that of a command that waits. */
export const SleepRequest = z.strictObject({
  wanted: Wanted.optional(),
  by: z.string().trim().min(1).max(500).optional(),
  evening: z.union([Evening, z.literal("off")]).optional(),
  /** Keeps the stage awake for so long; 0 ends that. */
  holdMinutes: z.int().min(0).max(HOLD_MINUTES_MAX).optional(),
});
export type SleepRequest = z.output<typeof SleepRequest>;

export const PartReport = z.object({
  part: z.string(),
  /** AWS's own words. */
  state: z.string(),
  isDone: z.boolean(),
});
export type PartReport = z.output<typeof PartReport>;

/** The parts that were looked at: those of a group that waits for another are absent, and all of them when there is nothing to do. */
export const SleepAnswer = z.object({ state: SleepState, parts: z.array(PartReport) });
export type SleepAnswer = z.output<typeof SleepAnswer>;

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
