// Charts as SVG files for the pages of docs/. Mermaid, which draws the other diagrams, gives no name to a series of a chart.

interface Described {
  /** The name of the chart for a screen reader. */
  title: string;
  /** Its content in a sentence or two, for a reader who does not see it. */
  description: string;
}

export interface LineChart extends Described {
  x: { label: string };
  y: { label: string; isLogarithmic?: boolean };
  /** At most four, as there are colours; points in the order of x. */
  series: readonly { name: string; points: readonly Point[]; isStepped?: boolean }[];
  /** Named stretches of the x axis, each from here to the next one. */
  stretches?: readonly { from: number; name: string }[];
}

export interface BarChart extends Described {
  y: { label: string };
  /** One group of bars each, with a bar for each series. */
  groups: readonly string[];
  series: readonly { name: string; values: readonly number[] }[];
}

type Point = readonly [x: number, y: number];
type Scale = (value: number) => number;

const [WIDTH, HEIGHT] = [720, 320];
const PLOT = { left: 64, right: 700, top: 52, bottom: 268 };
/** The average of 12 px letters: an SVG in a file cannot measure its texts. */
const LETTER_WIDTH = 6.5;
const TICKS = { x: 10, y: 5 };
/** The least value of a logarithmic axis, so that a zero can be drawn. */
const LEAST = 0.1;

/** Each colour stands out against both backgrounds; lines differ by their dashes as well. */
const COLORS = [
  { light: "#0b62b8", dark: "#6cb6ff", dash: "" },
  { light: "#b8410b", dark: "#f0944e", dash: "7 4" },
  { light: "#1a7a35", dark: "#5fd47a", dash: "2 3" },
  { light: "#7a2fb8", dark: "#cfa5ff", dash: "9 3 2 3" },
];

/** Follows the reader's light or dark setting; a background of its own keeps it readable on any page. */
const STYLE = `<style>
text { font: 12px system-ui, sans-serif; fill: #2b2f36; }
.background { fill: #ffffff; }
.grid { stroke: #d9dde3; }
.stretch { stroke: #8b929c; stroke-dasharray: 3 3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
${COLORS.map(({ light }, index) => `.line.s${index} { stroke: ${light}; } .fill.s${index} { fill: ${light}; }`).join("\n")}
@media (prefers-color-scheme: dark) {
text { fill: #d5d9e0; }
.background { fill: #17181c; }
.grid { stroke: #34383f; }
${COLORS.map(({ dark }, index) => `.line.s${index} { stroke: ${dark}; } .fill.s${index} { fill: ${dark}; }`).join("\n")}
}
</style>`;

/** Lines over a numeric x axis. */
export function lineChart({ title, description, x, y, series, stretches = [] }: LineChart): string {
  const points = series.flatMap((one) => one.points);
  const [first, last] = [Math.min(...points.map(([at]) => at)), Math.max(...points.map(([at]) => at))];
  const toX = linear([first, last], [PLOT.left, PLOT.right]);
  const values = points.map(([, value]) => value);
  const { toY, ticks } = y.isLogarithmic ? logarithmicAxis(values) : linearAxis(values);
  return svg({ title, description }, [
    ...grid(ticks, toY, y.label),
    ...roundSteps(first, last, TICKS.x).map((at) => text(toX(at), PLOT.bottom + 18, figure(at), "middle")),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 38, x.label, "middle"),
    ...stretches.flatMap(({ from, name }) => [
      `<path class="stretch" d="M${round(toX(from))},${PLOT.top}V${PLOT.bottom}"/>`,
      text(toX(from) + 4, PLOT.top + 12, name),
    ]),
    ...series.map(({ points: own, isStepped }, index) => {
      const at = own.map(([pointX, value]): Point => [round(toX(pointX)), round(toY(value))]);
      const path = at.map(([px, py], turn) =>
        turn === 0 ? `M${px},${py}` : isStepped ? `H${px}V${py}` : `L${px},${py}`,
      );
      return `<path class="line s${index}"${dash(index)} d="${path.join("")}"/>`;
    }),
    ...legend(
      series.map(({ name }) => name),
      (index, at) => `<path class="line s${index}"${dash(index)} d="M${at},22h22"/>`,
    ),
  ]);
}

/** Groups of bars beside each other, one bar for each series. */
export function barChart({ title, description, y, groups, series }: BarChart): string {
  const { toY, ticks } = linearAxis(series.flatMap(({ values }) => values));
  const room = (PLOT.right - PLOT.left) / groups.length;
  const width = (room * 0.8) / series.length;
  const bar = (index: number, group: number, value: number) => {
    const at = PLOT.left + room * (group + 0.1) + width * index;
    const top = round(toY(value));
    return `<rect class="fill s${index}" x="${round(at)}" y="${top}" width="${round(width * 0.92)}" height="${round(PLOT.bottom - top)}"/>`;
  };
  return svg({ title, description }, [
    ...grid(ticks, toY, y.label),
    ...series.flatMap(({ values }, index) => values.map((value, group) => bar(index, group, value))),
    // Every second name stands lower, so that long names do not touch.
    ...groups.map((name, group) =>
      text(PLOT.left + room * (group + 0.5), PLOT.bottom + 18 + (group % 2) * 16, name, "middle"),
    ),
    ...legend(
      series.map(({ name }) => name),
      (index, at) => `<rect class="fill s${index}" x="${at + 5}" y="16" width="12" height="12"/>`,
    ),
  ]);
}

function svg({ title, description }: Described, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    STYLE,
    `<rect class="background" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function grid(ticks: readonly number[], toY: Scale, label: string): string[] {
  return [
    text(PLOT.left, PLOT.top - 10, label),
    ...ticks.flatMap((tick) => [
      `<path class="grid" d="M${PLOT.left},${round(toY(tick))}H${PLOT.right}"/>`,
      text(PLOT.left - 8, toY(tick) + 4, figure(tick), "end"),
    ]),
  ];
}

function legend(names: readonly string[], swatch: (index: number, at: number) => string): string[] {
  let at = PLOT.left;
  return names.flatMap((name, index) => {
    const here = round(at);
    at += 28 + name.length * LETTER_WIDTH + 20;
    return [swatch(index, here), text(here + 28, 26, name)];
  });
}

function linearAxis(values: readonly number[]): { toY: Scale; ticks: readonly number[] } {
  const ticks = roundSteps(0, Math.max(...values, 0) || 1, TICKS.y, true);
  return { ticks, toY: linear([0, ticks.at(-1) ?? 1], [PLOT.bottom, PLOT.top]) };
}

function logarithmicAxis(values: readonly number[]): { toY: Scale; ticks: readonly number[] } {
  const known = values.map((value) => Math.max(LEAST, value));
  const from = Math.floor(Math.log10(Math.min(...known)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...known))));
  const toY = linear([from, to], [PLOT.bottom, PLOT.top]);
  const ticks = Array.from({ length: to - from + 1 }, (_, power) => 10 ** (from + power));
  return { ticks, toY: (value) => toY(Math.log10(Math.max(LEAST, value))) };
}

/** Multiples of 1, 2 or 5 times a power of ten, from the first one in the range; `isOver` adds the one that covers its end. */
function roundSteps(from: number, to: number, count: number, isOver = false): number[] {
  const rough = (to - from || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const [first, last] = [Math.ceil(from / step), isOver ? Math.ceil(to / step) : Math.floor(to / step)];
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

function linear([from, to]: Point, [start, end]: Point): Scale {
  return (value) => start + ((value - from) / (to - from || 1)) * (end - start);
}

function text(x: number, y: number, content: string, anchor = "start"): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function dash(index: number): string {
  const pattern = COLORS[index]?.dash;
  return pattern ? ` stroke-dasharray="${pattern}"` : "";
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function figure(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 3 });
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
