import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import type { App } from "@cloud-design/stacks/testing/app";
import { PER_USE } from "@cloud-design/stage/prices";
import { machine } from "../chaos/report.ts";
import { barChart, lineChart } from "../chart.ts";
import { markdownTable, replaceBetween } from "../page.ts";
import { type OrderWay, simulateOrders } from "../scaling/orders.ts";
import { inventoryService, orderWay } from "../scaling/service.ts";
import type { Service } from "../scaling/target-tracking.ts";
import { type Load, rushOf, secondsUntil, type Variant, variantsOf } from "../scaling/variants.ts";
import type { LoadReport, PhaseFigures } from "./figures.ts";
import {
  failureLines,
  limitLines,
  milliseconds,
  orderLine,
  partRows,
  WAIT_COLUMNS,
  waitRows,
} from "./report.ts";

const PAGE = "docs/load.md";
/** The parts that are shown as bars: the others do next to nothing for a request. */
const BARS = 8;
const INVENTORY = /^inventory(-\d+)?$/;

/** Writes docs/load.md and its charts from the reports of `steps` and `spike`, and the template's scaling. */
export function writeLoadPage([steps, spike]: readonly [LoadReport, LoadReport], app: App): void {
  replaceBetween(PAGE, "results", results(steps, spike));
  replaceBetween(PAGE, "scaling", scaling([steps, spike], inventoryService(app)));
  replaceBetween(PAGE, "orders", orderScaling(app));
}

function results(steps: LoadReport, spike: LoadReport): string {
  const day = steps.startedAt.slice(0, 10);
  return [
    `Measured on ${day}, on ${machine()}, with the generator on the same machine.\n`,
    "### Three levels\n",
    image("load-steps", waitChart(steps)),
    markdownTable([WAIT_COLUMNS, ...waitRows(steps)]),
    `\n${sentences(steps)}\n`,
    image("load-parts", partChart(steps)),
    markdownTable(partRows(steps)),
    "\n### A spike\n",
    image("load-spike", waitChart(spike)),
    markdownTable([WAIT_COLUMNS, ...waitRows(spike)]),
    `\n${sentences(spike)}\n`,
  ].join("\n");
}

function sentences(report: LoadReport): string {
  const failures = failureLines(report);
  const limits = limitLines(report);
  return [
    `${orderLine(report)}.`,
    failures.length === 0 ? "No request failed." : `Failed: ${failures.join("; ")}.`,
    limits.length === 0
      ? "The generator was not the limit."
      : `The generator was the limit, so that the waits are partly its own: ${limits.join("; ")}.`,
  ].join(" ");
}

interface Picture {
  title: string;
  svg: string;
}

/** Writes the chart beside the page. */
function image(name: string, { title, svg }: Picture): string {
  const path = `images/${name}.svg`;
  writeFileSync(join(ROOT, "docs", path), svg);
  return `![${title}](${path})\n`;
}

function waitChart({ scenario, phases, seconds }: LoadReport): Picture {
  const title = `Waits of callers under ${scenario}, second by second`;
  const series = (["p50", "p95", "p99"] as const).map((name) => ({
    name,
    points: seconds.flatMap(({ second, [name]: value }) =>
      value === null ? [] : [[second, value] as const],
    ),
  }));
  const starts = phases.map((_, index) =>
    phases.slice(0, index).reduce((sum, phase) => sum + phase.seconds, 0),
  );
  const stretches = phases.map(({ name, perSecond }, index) => ({
    from: starts[index] ?? 0,
    name: name.endsWith("a second") ? name : `${name}: ${perSecond} a second`,
  }));
  const said = phases.map(
    ({ perSecond, all }) =>
      `${perSecond} a second: p50 ${milliseconds(all.p50)}, p99 ${milliseconds(all.p99)}`,
  );
  const svg = lineChart({
    title,
    description: `${said.join("; ")}.`,
    x: { label: "seconds" },
    y: { label: "milliseconds", isLogarithmic: true },
    series,
    stretches,
  });
  return { title, svg };
}

function partChart({ phases }: LoadReport): Picture {
  const title = "Processor time of each part at each level";
  const last = phases.at(-1)?.parts ?? {};
  const groups = Object.keys(last)
    .toSorted((one, other) => (last[other]?.processorPercent ?? 0) - (last[one]?.processorPercent ?? 0))
    .slice(0, BARS);
  const series = phases.map(({ name, parts }) => ({
    name,
    values: groups.map((part) => parts[part]?.processorPercent ?? 0),
  }));
  const said = groups.map((part) => `${part} ${Math.round(last[part]?.processorPercent ?? 0)} %`);
  const description = `At the highest level: ${said.join(", ")} of one core.`;
  return { title, svg: barChart({ title, description, y: { label: "% of one core" }, groups, series }) };
}

/** The recorded loads, at a scale at which scaling matters: a second becomes a minute, and the highest rate what the largest fleet takes at its targets. */
function scaling([steps, spike]: readonly [LoadReport, LoadReport], service: Service): string {
  const requestMs = requestMsOf(steps);
  const requests = service.policies.find(({ metric }) => metric === "requests")?.target ?? 0;
  const fullPerSecond = service.max * perTask(service, requestMs);
  const { risesAt, ...rush } = rushOf(fullPerSecond, requestMs);
  const runs = [
    ...[steps, spike].map((report) => ({
      name: report.scenario as string,
      load: loadOf(report, fullPerSecond, requestMs),
    })),
    { name: "rush", load: rush },
  ].map((run) => ({ ...run, variants: variantsOf(service, run.load) }));
  const busyShare = ((requests / 60) * requestMs) / service.taskMsPerSecond;
  return [
    `In the steps above inventory used ${requestMs.toFixed(2)} ms of processor time for a request, with its use at rest: at ${whole(requests)} requests a minute a task would be busy for ${Math.round(100 * busyShare)} % of its quarter of a vCPU.\n`,
    ...runs.map(({ name, load, variants }) =>
      image(`load-tasks-${name}`, taskChart(name, service, load, variants)),
    ),
    markdownTable([
      ["load", "targets", "most tasks", "task-hours", "USD", "longest wait", "refused"],
      ...runs.flatMap(({ name, variants }) => variants.map((variant) => variantRow(name, variant))),
    ]),
    `\nSeconds from the rise of the rush until so many tasks run:\n`,
    markdownTable(rushRows(runs.at(-1)?.variants ?? [], service, risesAt)),
    "",
  ].join("\n");
}

/** Orders from today's write throttle to ten times as many within 30 s, for ten minutes, then as before. */
const ORDER_SPIKE = [
  ...Array.from({ length: 30 }, (_, second) => 100 + 30 * (second + 1)),
  ...Array<number>(570).fill(1_000),
  ...Array<number>(1_800).fill(100),
];
/** Orders that a task of billing records: by its processor (docs/scaling.md), and with a database twenty times slower. */
const RECORDED = { "5,000 a second": 5_000, "250 a second": 250 };
/** Lambda's minimum: two batches of ten at once, of 50 ms each. */
const LEAST_PER_SECOND = 400;
const SHOWN_SECONDS = [30, 60, 300, 600];

function orderScaling(app: App): string {
  const rows = Object.entries(RECORDED).flatMap(([name, taskPerSecond]) => {
    const way = orderWay(app, taskPerSecond);
    return [
      orderRow(name, "as set", way),
      orderRow(name, "two batches at once", { ...way, bridgePerSecond: LEAST_PER_SECOND }),
      orderRow(name, "RabbitMQ's backlog alone counts", { ...way, queues: ["rabbitmq"] }),
    ];
  });
  const columns = SHOWN_SECONDS.map((seconds) => `after ${seconds} s`);
  return `${markdownTable([["a task records", "limits", ...columns, "billing grows", "empty"], ...rows])}\n`;
}

function orderRow(records: string, limits: string, way: OrderWay): string[] {
  const passed = simulateOrders(way, ORDER_SPIKE);
  const grownAt = passed.findIndex(({ tasks }) => tasks > way.min);
  const emptyAt = passed.findLastIndex(({ sqs, rabbitmq }) => sqs + rabbitmq >= 1) + 1;
  const waiting = SHOWN_SECONDS.map((seconds) => {
    const { sqs, rabbitmq } = passed[seconds - 1] ?? { sqs: 0, rabbitmq: 0 };
    return `${whole(Math.round(sqs))}, ${whole(Math.round(rabbitmq))}`;
  });
  return [records, limits, ...waiting, grownAt === -1 ? "never" : `${grownAt} s`, `${emptyAt} s`];
}

/** Requests a second that keep a task at the first of its targets that it reaches. */
function perTask({ policies, taskMsPerSecond }: Service, requestMs: number): number {
  const rates = policies.map(({ metric, target }) =>
    metric === "requests" ? target / 60 : (taskMsPerSecond * target) / 100 / requestMs,
  );
  return Math.min(...rates);
}

/** The processor time of inventory for a request, in milliseconds, with its use at rest. Orders do not reach it. */
function requestMsOf({ phases }: LoadReport): number {
  const sum = (of: (phase: PhaseFigures) => number) => phases.reduce((total, phase) => total + of(phase), 0);
  const usedMs = sum(({ parts, seconds }) =>
    Object.entries(parts).reduce(
      (total, [name, { processorPercent }]) =>
        total + (INVENTORY.test(name) ? processorPercent * seconds * 10 : 0),
      0,
    ),
  );
  return usedMs / sum(({ all, kinds }) => all.sent - kinds.order.sent);
}

function loadOf({ phases, seconds }: LoadReport, fullPerSecond: number, requestMs: number): Load {
  const factor = fullPerSecond / Math.max(...phases.map(({ perSecond }) => perSecond));
  const sent = new Map(seconds.map((figures) => [figures.second, figures.sent]));
  const length = Math.round(phases.reduce((sum, phase) => sum + phase.seconds, 0));
  return {
    requestMs,
    perSecond: Array.from({ length }, (_, second) => (sent.get(second) ?? 0) * factor),
  };
}

function rushRows(variants: readonly Variant[], { min, max }: Service, risesAt: number): string[][] {
  const counts = Array.from({ length: max - min }, (_, index) => min + 1 + index);
  return [
    ["targets", ...counts.map(String)],
    ...variants.map((variant) => [
      variant.name,
      ...counts.map((tasks) => String(secondsUntil(variant, tasks, risesAt) ?? "never")),
    ]),
  ];
}

function taskChart(
  scenario: string,
  { taskMsPerSecond }: Service,
  { perSecond, requestMs }: Load,
  variants: readonly Variant[],
): Picture {
  const title = `Tasks under ${scenario} with three targets`;
  // The first three differ in their targets.
  const series = variants.slice(0, 3).map(({ name, minutes }) => ({
    name,
    isStepped: true,
    points: minutes.map(({ tasks }, minute) => [minute, tasks] as const),
  }));
  const work = perSecond.map((rate, minute) => [minute, (rate * requestMs) / taskMsPerSecond] as const);
  const said = variants.map(
    ({ name, tasksMax, taskHours }) => `${name}: up to ${tasksMax} tasks, ${taskHours.toFixed(1)} task-hours`,
  );
  const description = `The load rises to ${whole(Math.round(Math.max(...perSecond)))} requests a second. ${said.join("; ")}.`;
  return {
    title,
    svg: lineChart({
      title,
      description,
      x: { label: "minutes" },
      y: { label: "tasks" },
      series: [...series, { name: "work", points: work }],
    }),
  };
}

function variantRow(scenario: string, variant: Variant): string[] {
  const { name, tasksMax, taskHours, waitSecondsMax, refusedShare } = variant;
  return [
    ...[scenario, name, String(tasksMax), taskHours.toFixed(1), (taskHours * PER_USE.taskHour).toFixed(3)],
    ...[`${waitSecondsMax.toFixed(1)} s`, `${(100 * refusedShare).toFixed(1)} %`],
  ];
}

function whole(count: number): string {
  return count.toLocaleString("en");
}
