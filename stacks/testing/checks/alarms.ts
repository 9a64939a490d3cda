import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";

const RUNBOOK = join(import.meta.dirname, "../../../docs/runbook.md");

const Alarm = z.object({
  AlarmDescription: z.string().default(""),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
});

/** Every alarm tells the one topic when it begins and when it is over, and names a heading of the runbook. */
export function alarms(app: App): string[] {
  const headings = headingsOf(readFileSync(RUNBOOK, "utf8"));
  return ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"]
    .flatMap((type) => resourcesOf(app, type, Alarm))
    .flatMap(({ name, properties }) => {
      const [, heading = ""] = /docs\/runbook\.md#([\w-]+)$/.exec(properties.AlarmDescription) ?? [];
      const actions = [properties.AlarmActions, properties.OKActions];
      return [
        ...(actions.every((list) => list.join() === "<Alerts/Topic>")
          ? []
          : [`${name} does not reach the topic`]),
        ...(headings.has(heading) ? [] : [`${name} names no heading of docs/runbook.md: "${heading}"`]),
      ];
    });
}

/** As links to them are spelled. */
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
