import { table } from "@cloud-design/local/terminal/table";
import { markdownTable, replaceBetween } from "../page.ts";
import { type Hop, inOrderOfBreaking, type Load, shareOf } from "./hops.ts";

export const DEFAULT_LOAD: Load = { reads: 500, orders: 100 };
const PAGE = "docs/growth.md";
/** Hops with a smaller share of use have no visible bar in the chart. */
const SHOWN_SHARE = 0.01;
/** The columns of figures, which are aligned right. */
const FIGURES = [1, 2, 3];

/** Header, and a row for each hop: its ceiling, and how much of it each load uses. */
export function limitRows(hops: readonly Hop[], load: Load): string[][] {
  const loads = [load, tenTimes(load)];
  const firsts = loads.map((each) => inOrderOfBreaking(hops, each)[0]);
  return [
    [
      "hop",
      "ceiling a second",
      ...loads.map(({ reads, orders }) => `${whole(reads)} + ${whole(orders)}`),
      "counted from",
    ],
    ...hops.map((hop) => [
      ...[hop.name, `${whole(hop.ceiling)} ${hop.unit}`],
      ...loads.map((each, index) => cellOf(hop, each, firsts[index] === hop)),
      hop.because,
    ]),
  ];
}

function cellOf(hop: Hop, load: Load, isFirst: boolean): string {
  if (hop.aside) return hop.aside(load);
  const share = shareOf(hop, load);
  return `${isFirst ? "first: " : ""}${percent(share)}${share > 1 ? ", breaks" : ""}`;
}

/** The first hop to break at a load, all that do, and the first one behind the throttles. */
export function verdict(hops: readonly Hop[], load: Load): string {
  const [first, ...others] = inOrderOfBreaking(hops, load);
  if (!first) throw new Error("There is no hop.");
  const share = shareOf(first, load);
  const most = `${nameOf({ reads: load.reads / share, orders: load.orders / share })} a second`;
  const broken = others.filter((hop) => shareOf(hop, load) > 1).map(({ name }) => name);
  const behind = first.isThrottle ? others.find(({ isThrottle }) => !isThrottle) : undefined;
  return [
    share > 1
      ? `At ${nameOf(load)} a second ${first.name} breaks first: it takes ${most}.`
      : `At ${nameOf(load)} a second every hop holds. As the load grows, ${first.name} breaks first, above ${most}.`,
    ...(broken.length > 0 ? [`Then ${broken.join(", ")}.`] : []),
    ...(behind ? [`The first behind the throttles is ${behind.name}.`] : []),
  ].join(" ");
}

export function describe(hops: readonly Hop[], load: Load): string {
  const sentences = [load, tenTimes(load)].map((each) => verdict(hops, each));
  const columns = "The columns of a load, reads + orders a second, say how much of a ceiling it uses.";
  return [table(limitRows(hops, load), FIGURES), "", columns, ...sentences].join("\n");
}

export function forPrograms(hops: readonly Hop[], load: Load): string {
  const at = (each: Load) => ({ ...each, firstToBreak: inOrderOfBreaking(hops, each)[0]?.name });
  const rows = hops.map((hop) => ({
    ...{
      hop: hop.name,
      ceiling: hop.ceiling,
      unit: hop.unit,
      because: hop.because,
      isAside: hop.aside !== undefined,
    },
    shares: [load, tenTimes(load)].map((each) => shareOf(hop, each)),
  }));
  return JSON.stringify({ loads: [load, tenTimes(load)].map(at), hops: rows }, null, 2);
}

/** The part of docs/growth.md that `npm run limits -- --page` writes. */
export function growthPage(hops: readonly Hop[], load = DEFAULT_LOAD): string {
  const shown = hops.filter((hop) => !hop.aside && shareOf(hop, load) >= SHOWN_SHARE);
  return [
    `\`\`\`mermaid How much of each ceiling ${nameOf(load)} a second use`,
    "xychart-beta horizontal",
    `  x-axis [${shown.map(({ name }) => `"${name}"`).join(", ")}]`,
    '  y-axis "% in use" 0 --> 100',
    `  bar [${shown.map((hop) => Math.min(100, 100 * shareOf(hop, load)).toFixed(1)).join(", ")}]`,
    "```\n",
    markdownTable(limitRows(hops, load)),
    "",
    [load, tenTimes(load)].map((each) => verdict(hops, each)).join(" "),
  ].join("\n");
}

export function writeGrowthPage(hops: readonly Hop[]): void {
  replaceBetween(PAGE, "limits", growthPage(hops));
}

function tenTimes({ reads, orders }: Load): Load {
  return { reads: 10 * reads, orders: 10 * orders };
}

function nameOf({ reads, orders }: Load): string {
  return `${whole(reads)} reads and ${whole(orders)} orders`;
}

function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "under 0.1 %";
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 })} %`;
}

function whole(count: number): string {
  return count.toLocaleString("en", { maximumFractionDigits: count < 10 ? 1 : 0 });
}
