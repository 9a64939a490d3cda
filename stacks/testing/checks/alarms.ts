import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { alarmResources } from "../alarms/alarm-resources.ts";
import { type App, resourcesOf } from "../app.ts";
import { referencesIn } from "../references.ts";

const RUNBOOK = join(import.meta.dirname, "../../../docs/runbook.md");

const Alarm = z.object({
  AlarmRule: z.string().default(""),
  AlarmDescription: z.string().default(""),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
});

/**
 * Every alarm notifies the one topic when it begins and when it ends, and names a heading of the runbook. A part of a composite alarm notifies
 * no topic.
 */
export function alarms(app: App): string[] {
  const headings = headingsOf(readFileSync(RUNBOOK, "utf8"));
  const all = [...alarmResources(app, Alarm), ...resourcesOf(app, "AWS::CloudWatch::CompositeAlarm", Alarm)];
  const parts = new Set(all.flatMap(({ properties }) => referencesIn(properties.AlarmRule)));
  return all.flatMap(({ name, properties }) => {
    const [, heading = ""] = /docs\/runbook\.md#([\w-]+)$/.exec(properties.AlarmDescription) ?? [];
    const told = parts.has(name) ? "" : "<Alerts/Topic>";
    const problem = parts.has(name)
      ? "is a part of another and notifies a topic by itself"
      : "does not reach the topic";
    const actions = [properties.AlarmActions, properties.OKActions];
    return [
      ...(actions.every((list) => list.join() === told) ? [] : [`${name} ${problem}`]),
      ...(headings.has(heading) ? [] : [`${name} names no heading of docs/runbook.md: "${heading}"`]),
    ];
  });
}

/** The slugs by which links refer to the headings. */
function headingsOf(markdown: string): Set<string> {
  const titles = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
