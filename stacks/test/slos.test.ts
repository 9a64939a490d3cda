import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { alarmResources } from "../testing/alarms/alarm-resources.ts";
import { readApp, resourcesOf } from "../testing/app.ts";
import { BURNS, budgetPercent, OBJECTIVES, type Objective, WINDOW_DAYS } from "../watch/objectives.ts";

const app = readApp("prod", inject("outputs").prod);
const page = readFileSync(join(import.meta.dirname, "../../docs/slos.md"), "utf8");
const objectives = Object.keys(OBJECTIVES) as Objective[];

const Alarm = z.object({
  AlarmName: z.string(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Period: z.number() }).optional() })).default([]),
});
const Filter = z.object({ FilterPattern: z.string(), LogGroupName: z.string() });
const Stage = z.object({ AccessLogSettings: z.object({ Format: z.string() }) });

/** Threshold and period in minutes of each half, by the alarm's name. */
const halves = new Map(
  alarmResources(app, Alarm)
    .filter(({ name }) => name.startsWith("Slos/"))
    .map(({ properties }) => [
      properties.AlarmName.replace("prod-cloud-design-", ""),
      {
        rate: properties.Threshold,
        minutes: (properties.Metrics.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? 0) / 60,
        whenMissing: properties.TreatMissingData,
      },
    ]),
);

describe("an objective", () => {
  it("rings by a long and a short window at the burn rate of the table, and not without data", () => {
    const whenMissing = "notBreaching";
    const expected = objectives.flatMap((objective) =>
      Object.entries(BURNS).flatMap(([speed, { rate, longMinutes, shortMinutes }]) => [
        [`slo-${objective}-${speed}-long`, { rate, minutes: longMinutes, whenMissing }],
        [`slo-${objective}-${speed}-short`, { rate, minutes: shortMinutes, whenMissing }],
      ]),
    );
    expect(Object.fromEntries(halves)).toEqual(Object.fromEntries(expected));
  });

  it("asks the API's access log for fields that are in it", () => {
    const [stage] = resourcesOf(app, "AWS::ApiGatewayV2::Stage", Stage);
    const fields = Object.keys(JSON.parse(stage?.properties.AccessLogSettings.Format ?? "{}"));
    const filters = resourcesOf(app, "AWS::Logs::MetricFilter", Filter).filter(({ name }) =>
      name.startsWith("Slos/"),
    );
    expect(filters).toHaveLength(4);
    for (const { properties } of filters) {
      expect(properties.LogGroupName).toBe("<Gateway/AccessLogs>");
      const asked = [...properties.FilterPattern.matchAll(/\$\.(\w+)/g)].map(([, field]) => field);
      expect(fields).toEqual(expect.arrayContaining(asked));
    }
  });
});

describe("docs/slos.md", () => {
  it.each(objectives)("states the target of %s, and its error budget", (objective) => {
    const { target, promise } = OBJECTIVES[objective];
    const row = page.split("\n").find((line) => line.startsWith(`| **${objective}**`)) ?? "";
    expect(row).toContain(`${target} % ${promise}`);
    expect(row).toContain(` ${budgetPercent(objective)} % `);
    const minutes = Math.round((WINDOW_DAYS * 24 * 60 * budgetPercent(objective)) / 100);
    const spelled =
      minutes < 60 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours ${minutes % 60} minutes`;
    expect(row).toContain(spelled);
  });

  it.each(Object.entries(BURNS))("says when the %s alarms ring", (speed, burn) => {
    const row = page.split("\n").find((line) => line.startsWith(`| [slo-reads-${speed}]`)) ?? "";
    const spent = (burn.rate * burn.longMinutes) / (WINDOW_DAYS * 24 * 60);
    const cells = row.split("|").map((cell) => cell.trim());
    expect(cells.slice(2, 6)).toEqual([
      String(burn.rate),
      burn.longMinutes === 60 ? "1 hour" : `${burn.longMinutes / 60} hours`,
      `${burn.shortMinutes} minutes`,
      `${(100 * spent).toFixed(0)} %`,
    ]);
  });
});
