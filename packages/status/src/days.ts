import type { ComponentId } from "./components.ts";
import type { History } from "./history.ts";
import { DAY_MS, DAYS_MAX, dayOf } from "./limits.ts";
import { about, age, day as dayInWords } from "./words.ts";

type Day = History["days"][number];
export type Days = ReadonlyMap<string, Day>;

/** Most days that are listed in words for one component; the file contains all of them. */
const LISTED_MAX = 15;

/** Worst first: the worst state of a day determines its look. */
const TROUBLES = ["down", "degraded", "unknown"] as const;
const LOOKS = ["up", "degraded", "down", "unknown", "none"] as const;
type Look = (typeof LOOKS)[number];
const LEGEND: Record<Look, string> = {
  up: "up all day",
  degraded: "degraded at times",
  down: "down at times",
  unknown: "not known at times",
  none: "no data",
};

export function daysOf({ days }: History): Days {
  return new Map(days.map((day) => [day.date, day]));
}

/** A bar for each of the 90 days, today at the right, and the same in words. */
export function renderDays(
  days: Days,
  id: ComponentId,
  { now, intervalSeconds }: { now: number; intervalSeconds: number },
): string {
  const dates = Array.from({ length: DAYS_MAX }, (_, index) => dayOf(now - (DAYS_MAX - 1 - index) * DAY_MS));
  const looks = dates.map((date) => look(days.get(date), id));
  const bad = [...days.values()].filter((day) => troublesOf(day, id).length > 0).reverse();
  const items = bad.slice(0, LISTED_MAX).map((day) => {
    const troubles = troublesOf(day, id).map(
      ([trouble, checks]) => `${WORDS[trouble]} ${about(checks * intervalSeconds)}`,
    );
    return `<li>${dayInWords(Date.parse(day.date))}: ${troubles.join(", ")}</li>`;
  });
  const more = bad.length - items.length;
  if (more > 0) items.push(`<li>and ${more} more</li>`);
  const list = items.length === 0 ? "<p>No day with trouble.</p>" : `<ul>${items.join("")}</ul>`;
  return `<svg class="days" viewBox="0 0 270 16" preserveAspectRatio="none" aria-hidden="true">${strokes(looks)}</svg>
<details><summary>${share(days, id, intervalSeconds)}</summary>${days.size === 0 ? "<p>No data.</p>" : list}</details>`;
}

const WORDS = { down: "down", degraded: "degraded", unknown: "not known" };

/** The day's troubles, worst first, each with its number of checks. */
function troublesOf(day: Day, id: ComponentId): [(typeof TROUBLES)[number], number][] {
  return TROUBLES.flatMap((trouble) => {
    const checks = day.components[id]?.[trouble];
    return checks ? [[trouble, checks]] : [];
  });
}

function look(day: Day | undefined, id: ComponentId): Look {
  return day ? (troublesOf(day, id)[0]?.[0] ?? "up") : "none";
}

function share(days: Days, id: ComponentId, intervalSeconds: number): string {
  let checks = 0;
  let bad = 0;
  for (const day of days.values()) {
    const { degraded = 0, down = 0, unknown = 0 } = day.components[id] ?? {};
    checks += day.checks;
    bad += degraded + down + unknown;
  }
  if (checks === 0) return "No checks in the last 90 days";
  // Rounded down, so that it is 100 % only when every check was good.
  const percent = Math.floor(((checks - bad) * 10_000) / checks) / 100;
  // The time covered by checks, not the number of days, because some days have only minutes.
  return `${percent} % good in ${age(checks * intervalSeconds)}`;
}

/** All bars of one look are one dashed line, as wide as a bar is high: a few bytes instead of 90 elements. */
function strokes(looks: readonly Look[]): string {
  return LOOKS.map((look) => {
    let path = "";
    for (let from = 0; from < looks.length; from++) {
      if (looks[from] !== look) continue;
      let to = from;
      while (looks[to] === look) to++;
      path += `M${from * 3} ${MIDDLE[look]}h${(to - from) * 3 - 1}`;
      from = to;
    }
    return path && `<path class="${look}" d="${path}"/>`;
  }).join("");
}

/**
 * Bars stand on the base line, higher for worse states, so that trouble stands out; unknown ones float. Their heights
 * are in the style sheet.
 */
const MIDDLE: Record<Look, number> = { up: 12.5, degraded: 10, down: 8, unknown: 6, none: 15 };

export function renderLegend(): string {
  const items = LOOKS.map(
    (look) =>
      `<li><svg class="days" viewBox="0 0 5 16" aria-hidden="true">${strokes([look, look])}</svg>${LEGEND[look]}</li>`,
  );
  return `<ul class="legend quiet"><li>A bar is a day, the last is today:</li>${items.join("")}</ul>`;
}
