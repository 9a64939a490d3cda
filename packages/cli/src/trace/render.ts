import { printableLine } from "@cloud-design/local/terminal/readable-line";
import { duration, instant, sentence } from "@cloud-design/traces/page/words";
import type { Hop, Outcome, Timeline } from "@cloud-design/traces/timeline/timeline";
import pc from "picocolors";

/** The width beside the figures on a terminal of 110 columns. */
const BAR_COLUMNS = 28;
const EIGHTHS = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

interface Look {
  nowMs: number;
  isColoured: boolean;
}

/** A timeline for people: the order, its outcome, and a line for each hop with its bar. */
export function render(timeline: Timeline, { nowMs, isColoured }: Look): string {
  const colours = pc.createColors(isColoured);
  const { orderId, traceIds, startedAtMs, outcome, hops } = timeline;
  const head = [
    ...(orderId === null ? [] : [["order", orderId]]),
    ...(traceIds.length === 0 ? [] : [["trace", traceIds.join(", ")]]),
    ...(hops.length === 0 ? [] : [[orderId === null ? "began" : "ordered", instant(startedAtMs)]]),
    ["outcome", colourOf(outcome, colours)(printableLine(sentence(timeline, nowMs)))],
  ];
  const lines = head.map(([name = "", value = ""]) => `${colours.dim(name.padEnd(9))}${value}`);
  if (hops.length === 0) return lines.join("\n");
  return [...lines, "", ...waterfall(timeline, { nowMs, isColoured })].join("\n");
}

function waterfall({ hops, startedAtMs }: Timeline, { nowMs, isColoured }: Look): string[] {
  const colours = pc.createColors(isColoured);
  const endMs = Math.max(...hops.map((hop) => hop.endMs ?? nowMs), startedAtMs);
  const rows = hops.map((hop) => ({
    hop,
    start: `+${duration(hop.startMs - startedAtMs)}`,
    took: tookOf(hop),
    where: printableLine(hop.where),
    what: printableLine(hop.what) + (hop.attempts > 1 ? ` × ${hop.attempts}` : ""),
  }));
  const width = (column: "start" | "took" | "where" | "what", title: string) =>
    Math.max(title.length, ...rows.map((row) => row[column].length));
  const [start, took, where, what] = [
    width("start", "START"),
    width("took", "TOOK"),
    width("where", "WHERE"),
    width("what", "WHAT"),
  ];
  const title = `${"START".padStart(start)}  ${"TOOK".padStart(took)}  ${"WHERE".padEnd(where)}  WHAT`;
  const lines = rows.flatMap((row) => {
    const { hop } = row;
    const colour = hop.isFailed ? colours.red : hop.kind === "wait" ? colours.dim : colours.green;
    const figures = `${row.start.padStart(start)}  ${row.took.padStart(took)}`;
    const words = `${row.where.padEnd(where)}  ${row.what.padEnd(what)}`;
    const bar = barOf(hop, { from: startedAtMs, until: endMs, nowMs });
    const notes = hop.notes.map(
      (note) => `${" ".repeat(start + took + where + 6)}${colours.dim(printableLine(note))}`,
    );
    return [`${figures}  ${hop.isFailed ? colours.red(words) : words}  ${colour(bar)}`.trimEnd(), ...notes];
  });
  return [colours.dim(title), ...lines];
}

/** A hop from a line of the log has one moment and no duration. */
function tookOf({ kind, startMs, endMs }: Hop): string {
  if (endMs === null) return "until now";
  return kind === "work" && endMs === startMs ? "–" : duration(endMs - startMs);
}

function barOf(hop: Hop, { from, until, nowMs }: { from: number; until: number; nowMs: number }): string {
  const scale = BAR_COLUMNS / Math.max(until - from, 0.001);
  // A hop without a duration still needs a mark.
  const begin = Math.min((hop.startMs - from) * scale, BAR_COLUMNS - 1 / 8);
  const end = Math.max(begin + 1 / 8, ((hop.endMs ?? nowMs) - from) * scale);
  const first = Math.floor(begin);
  const columns = end - begin;
  if (hop.kind === "wait") return " ".repeat(first) + "░".repeat(Math.max(1, Math.round(columns)));
  const eighths = Math.round(columns * 8);
  const tail = eighths % 8 === 0 ? "" : EIGHTHS[(eighths % 8) - 1];
  return " ".repeat(first) + "█".repeat(Math.floor(eighths / 8)) + tail;
}

function colourOf({ state }: Outcome, colours: ReturnType<typeof pc.createColors>) {
  const by = {
    recorded: colours.green,
    answered: colours.green,
    rejected: colours.red,
    failed: colours.red,
    waiting: colours.yellow,
    unknown: colours.yellow,
  };
  return by[state];
}
