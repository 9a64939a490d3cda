import { QUIET, type Recording } from "@cloud-design/cloudwatch/recording";
import type { App } from "../app.ts";
import { markdownTable } from "../markdown-table.ts";
import { type Alarm, alarmsOf } from "./alarms.ts";
import { type Panel, panelFor, panelsOf } from "./panels.ts";
import { passageOf } from "./passage.ts";
import { RINGS_WITH } from "./rings-with.ts";
import { headingIn } from "./runbook.ts";

const INTRODUCTION = `---
title: "Alarms and the faults that ring them"
description: "Every alarm, the fault with which it was seen to ring and to end, its heading in the runbook and its graph."
---

Each alarm is tested by a fault on a laptop. The alarm's definition in \`prod\`'s template is evaluated over what CloudWatch would have received meanwhile: metrics, statistic, period,
threshold and the treatment of missing data. It must be OK before, ring during the fault, and be OK afterwards; no alarm may ring in an hour of normal traffic.
\`stacks/test/checks.test.ts\` checks this at every change.

\`npm run alarms -- --page\` writes this page, \`npm run alarms -- all\` records anew. A minute lasts a second in the laboratory; _rings after_ and _over after_ are CloudWatch's minutes from the
first and from the last minute of the fault. Each fault in \`packages/lab/src/alarms/faults\` says what a laptop lacks (RDS Proxy, a disk of its own, a thousand attempts).
\`stacks/testing/alarms\` has CloudWatch's rules, and where AWS documents them.

`;

const HEAD = ["alarm, and what to do", "rings with", "because", "rings after", "over after", "graph"];

/** The text of docs/alarms.md, from the recordings. */
export function alarmsPage(app: App, recordings: ReadonlyMap<string, Recording>): string {
  const panels = panelsOf(app);
  const alarms = alarmsOf(app);
  const quiet = recordings.get(QUIET);
  const rows = RINGS_WITH.flatMap(({ alarm: name, fault, because }) => {
    const alarm = alarms.get(name);
    const recording = recordings.get(fault);
    if (!alarm || !recording || !quiet) return [];
    const { ringsAfter, overAfter } = passageOf(alarm, recording, quiet);
    const minutes = [ringsAfter === undefined ? "never" : `${ringsAfter} min`, `${overAfter} min`];
    return [[linkTo(alarm), fault, because, ...minutes, nameOf(panelFor(alarm, panels))]];
  });
  const heard = new Set(RINGS_WITH.map(({ alarm }) => alarm)).size;
  const faults = new Set(RINGS_WITH.map(({ fault }) => fault)).size;
  const coverage = `${heard} alarms ring, each with one of ${faults} faults or with several: ${rows.length} rows.`;
  return `${INTRODUCTION}${coverage}\n\n${markdownTable(HEAD, rows)}\n`;
}

function linkTo({ name, description }: Alarm): string {
  return `[${name}](runbook.md#${headingIn(description)})`;
}

function nameOf(panel: Panel | undefined): string {
  return panel ? `${panel.dashboard}: ${panel.title}` : "";
}
