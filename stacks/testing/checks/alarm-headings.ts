import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alarmsOf } from "../alarms/alarms.ts";
import { gapsIn, headingIn, sectionsOf } from "../alarms/runbook.ts";
import type { App } from "../app.ts";

const RUNBOOK = join(import.meta.dirname, "../../../docs/runbook.md");

/** The heading of each alarm has all four parts. `alarms` checks that the heading exists. */
export function alarmHeadings(app: App): string[] {
  const sections = sectionsOf(readFileSync(RUNBOOK, "utf8"));
  const headings = new Set([...alarmsOf(app).values()].map(({ description }) => headingIn(description)));
  return [...headings].flatMap((heading) => {
    const section = sections.get(heading);
    return section === undefined ? [] : gapsIn(section).map((gap) => `docs/runbook.md#${heading} ${gap}.`);
  });
}
