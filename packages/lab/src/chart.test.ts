import { describe, expect, it } from "vitest";
import { barChart, lineChart } from "./chart.ts";

const LINES = {
  title: "Waiting & answers",
  description: "The p99 rises from 10 to 1,000 ms.",
  x: { label: "seconds" },
  y: { label: "ms" },
  series: [
    { name: "p50", points: [[0, 10] as const, [50, 20] as const, [100, 20] as const] },
    { name: "p99", points: [[0, 10] as const, [100, 1_000] as const] },
  ],
};

const textsOf = (chart: string) => [...chart.matchAll(/<text [^>]*>([^<]*)</g)].map(([, content]) => content);
const linesOf = (chart: string) =>
  [...chart.matchAll(/<path class="line s\d"[^>]* d="(M64,(?!22h)[^"]*)"/g)].map(([, path]) => path);

describe("a chart of lines", () => {
  it("can be read without being seen: it has a title, a description and the role of an image", () => {
    const chart = lineChart(LINES);
    expect(chart).toContain('role="img" aria-labelledby="title desc"');
    expect(chart).toContain('<title id="title">Waiting &amp; answers</title>');
    expect(chart).toContain('<desc id="desc">The p99 rises from 10 to 1,000 ms.</desc>');
  });

  it("names its axes and series, and marks round values", () => {
    expect(textsOf(lineChart(LINES))).toEqual([
      ...["ms", "0", "200", "400", "600", "800", "1,000"],
      ...["0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100", "seconds"],
      ...["p50", "p99"],
    ]);
  });

  it("draws each point at its place: the whole plot is 636 wide and 216 high", () => {
    expect(linesOf(lineChart(LINES))).toEqual(["M64,265.8L382,263.7L700,263.7", "M64,265.8L700,52"]);
  });

  it("on a logarithmic axis, ten times as much is one step up, and a zero stands at its foot", () => {
    const points = [[0, 1] as const, [1, 10] as const, [2, 1_000] as const];
    const chart = lineChart({
      ...LINES,
      y: { label: "ms", isLogarithmic: true },
      series: [{ name: "p99", points }],
    });
    expect(textsOf(chart).slice(0, 5)).toEqual(["ms", "1", "10", "100", "1,000"]);
    expect(linesOf(chart)).toEqual(["M64,268L382,196L700,52"]);
    const zero = lineChart({
      ...LINES,
      y: { label: "ms", isLogarithmic: true },
      series: [
        {
          name: "p99",
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    });
    expect(linesOf(zero)).toEqual(["M64,268L700,52"]);
  });

  it("holds the value of a stepped line until its next point", () => {
    const [first] = LINES.series;
    const chart = lineChart({
      ...LINES,
      series: [{ name: "tasks", isStepped: true, points: first?.points ?? [] }],
    });
    expect(linesOf(chart)).toEqual(["M64,160H382V52H700V52"]);
  });

  it("names the stretches of its x axis where they begin", () => {
    const chart = lineChart({ ...LINES, stretches: [{ from: 50, name: "spike" }] });
    expect(chart).toContain('<path class="stretch" d="M382,52V268"/>');
    expect(textsOf(chart)).toContain("spike");
  });
});

describe("a chart of bars", () => {
  const chart = barChart({
    title: "CPU",
    description: "Of each part.",
    y: { label: "%" },
    groups: ["gateway", "billing"],
    series: [
      { name: "40 a second", values: [50, 10] },
      { name: "80 a second", values: [100, 0] },
    ],
  });
  const heights = [...chart.matchAll(/<rect class="fill s(\d)" [^>]*height="([\d.]+)"/g)].map(
    ([, series, height]) => `${series}: ${height}`,
  );

  it("has a bar as high as its value for each series of each group, and one in the legend", () => {
    expect(heights).toEqual(["0: 108", "0: 21.6", "1: 216", "1: 0", "0: 12", "1: 12"]);
  });

  it("names groups and series", () => {
    expect(textsOf(chart).slice(-4)).toEqual(["gateway", "billing", "40 a second", "80 a second"]);
  });
});
