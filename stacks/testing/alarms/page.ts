import { QUIET, type Recording } from "@cloud-design/cloudwatch/recording";
import type { App } from "../app.ts";
import { type Alarm, alarmsOf } from "./alarms.ts";
import { type Panel, panelFor, panelsOf } from "./panels.ts";
import { passageOf } from "./passage.ts";
import { RINGS_WITH } from "./rings-with.ts";
import { headingIn } from "./runbook.ts";

const INTRODUCTION = `---
title: "Alarms: each has been seen to ring"
description: "Every alarm, the fault with which it was seen to ring and to be over, its heading in the runbook and its graph."
---

An alarm that has never rung is a guess. So the definition of each, as it stands in the template that \`sst build\` writes for \`prod\`, is
evaluated over what CloudWatch would have got while something was broken on a laptop: its metrics, their statistic and period, the threshold, and what
it makes of missing data. It must be OK before, ring while the fault lasts, and be OK after it; and none may ring in an hour of normal traffic. The tests
say so of every change (\`stacks/test/checks.test.ts\`).

Written by \`npm run alarms -- --page\`; \`npm run alarms -- all\` records anew. A minute of the laboratory lasts a second, so _rings after_ and _over after_ are
minutes of CloudWatch's, counted from the fault's first minute and from its last. What a laptop lacks (RDS Proxy, a disk of its own, a thousand attempts)
is said with each fault in \`packages/lab/src/alarms/faults\`. CloudWatch's rules, and where AWS documents them, are in \`stacks/testing/alarms\`.

`;

const HEAD = ["alarm, and what to do", "rings with", "because", "rings after", "over after", "graph"];

/** docs/alarms.md as it should read. */
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
  const lines = [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${INTRODUCTION}${coverage}\n\n${lines.join("\n")}\n`;
}

function linkTo({ name, description }: Alarm): string {
  return `[${name}](runbook.md#${headingIn(description)})`;
}

function nameOf(panel: Panel | undefined): string {
  return panel ? `${panel.dashboard}: ${panel.title}` : "";
}
