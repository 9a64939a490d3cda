import type { Evening } from "./protocol.ts";

/** The day, in the evening's own zone, on which its hour has struck last. */
export function lastEvening({ at, zone }: Evening, now: Date): string {
  // Swedish dates are those of ISO 8601.
  const [date = "", time = ""] = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "short",
  })
    .format(now)
    .split(" ");
  return time >= at ? date : dayBefore(date);
}

function dayBefore(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
