import type { ComponentId } from "./components.ts";
import type { History } from "./history.ts";
import { DAY_MS, DAYS_MAX, dayOf } from "./read.ts";
import { about, day as dayInWords } from "./words.ts";

type Day = History["days"][number];
export type Days = ReadonlyMap<string, Day>;

/** Of a component with trouble every day; the file has them all. */
const LISTED_MAX = 15;

/** From the worst, which gives a day its look. */
const TROUBLES = ["down", "degraded", "unknown"] as const;
const LOOKS = ["up", ...TROUBLES, "none"] as const;
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

/** A bar for each of the 90 days, today's at the right, and the same in words. */
export function renderDays(
  days: Days,
  id: ComponentId,
  { now, intervalSeconds }: { now: number; intervalSeconds: number },
): string {
  const dates = Array.from({ length: DAYS_MAX }, (_, index) => dayOf(now - (DAYS_MAX - 1 - index) * DAY_MS));
  const looks = dates.map((date) => look(days.get(date), id));
  const bad = dates.filter((_, index) => !["up", "none"].includes(looks[index] ?? "")).reverse();
  const summary = share(days, id);
  const items = bad.slice(0, LISTED_MAX).map((date) => {
    const counts = days.get(date)?.components[id];
    const troubles = TROUBLES.filter((trouble) => counts?.[trouble]).map(
      (trouble) => `${WORDS[trouble]} ${about((counts?.[trouble] ?? 0) * intervalSeconds)}`,
    );
    return `<li>${dayInWords(Date.parse(date))}: ${troubles.join(", ")}</li>`;
  });
  const more = bad.length - items.length;
  if (more > 0) items.push(`<li>and ${more} earlier days</li>`);
  return `<svg class="days" viewBox="0 0 270 16" preserveAspectRatio="none" aria-hidden="true">${strokes(looks)}</svg>
<details><summary>${summary}</summary>${items.length === 0 ? "<p>No day with trouble.</p>" : `<ul>${items.join("")}</ul>`}</details>`;
}

const WORDS = { down: "down", degraded: "degraded", unknown: "not known" };

function share(days: Days, id: ComponentId): string {
  let checks = 0;
  let bad = 0;
  for (const day of days.values()) {
    const { degraded = 0, down = 0, unknown = 0 } = day.components[id] ?? {};
    checks += day.checks;
    bad += degraded + down + unknown;
  }
  if (checks === 0) return "No checks in the last 90 days";
  // Rounded down: it is 100 % only when nothing was missing.
  const percent = Math.floor(((checks - bad) / checks) * 10_000) / 100;
  return `${percent} % of all checks good in ${days.size === 1 ? "1 day" : `${days.size} days`}`;
}

function look(day: Day | undefined, id: ComponentId): Look {
  if (!day) return "none";
  return TROUBLES.find((trouble) => day.components[id]?.[trouble]) ?? "up";
}

/** Neighbours of one look are one dashed line, as wide as a bar is high: some bytes instead of 90 bars. */
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

/** Bars stand on the ground, the shorter the worse; what is not known floats. Their heights are in the style. */
const MIDDLE: Record<Look, number> = { up: 8, degraded: 11, down: 13.5, unknown: 8, none: 15 };

export function renderLegend(): string {
  const items = LOOKS.map(
    (look) =>
      `<li><svg class="days" viewBox="0 0 5 16" aria-hidden="true">${strokes([look, look])}</svg>${LEGEND[look]}</li>`,
  );
  return `<ul class="legend quiet">${items.join("")}</ul>`;
}
