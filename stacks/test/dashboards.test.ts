import { settingsOf } from "@cloud-design/stage/settings";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { alarmResources } from "../testing/alarms/alarm-resources.ts";
import { presetOfStage, readApp, resourcesOf } from "../testing/app.ts";
import { STAGES } from "../testing/setup.ts";

const Body = z.object({
  widgets: z.array(
    z.object({
      type: z.string(),
      properties: z.looseObject({
        title: z.string().optional(),
        /** Each as `["NAMESPACE", "NAME", "DIMENSION", "VALUE", ..., {options}]`, or an expression alone. */
        metrics: z.array(z.array(z.unknown())).default([]),
        query: z.string().optional(),
        alarms: z.array(z.string()).default([]),
      }),
    }),
  ),
});
const Dashboard = z.object({ DashboardName: z.string(), DashboardBody: z.string() });
const Metric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
});
const Alarm = z.object({
  AlarmName: z.string(),
  AlarmActions: z.array(z.string()).default([]),
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric }).optional() })).optional(),
  ...Metric.partial().shape,
});
const Definition = z.object({ QueryString: z.string() });

const keyOf = ({ Namespace, MetricName, Dimensions }: z.output<typeof Metric>) =>
  [Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).toSorted()].join(" ");

/** The key of one row of a widget's metrics; undefined for an expression. */
function shownMetric(entry: unknown[]): string | undefined {
  const [Namespace, MetricName, ...pairs] = entry.filter((part) => typeof part === "string");
  if (Namespace === undefined || MetricName === undefined) return undefined;
  const Dimensions = pairs.flatMap((Name, index) =>
    index % 2 === 0 ? [{ Name, Value: pairs[index + 1] ?? "" }] : [],
  );
  return keyOf({ Namespace, MetricName, Dimensions });
}

describe.each(STAGES)("the dashboards of %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);
  const dashboards = resourcesOf(app, "AWS::CloudWatch::Dashboard", Dashboard).map(({ properties }) => ({
    name: properties.DashboardName.replace(`${stage}-cloud-design-`, ""),
    widgets: Body.parse(JSON.parse(properties.DashboardBody)).widgets,
  }));
  const overview = dashboards.find(({ name }) => name === "overview")?.widgets ?? [];
  const alarms = alarmResources(app, Alarm).map(({ properties }) => properties);

  it("are the ones in the table of stages", () => {
    expect(dashboards.map(({ name }) => name)).toEqual(settingsOf(presetOfStage(stage)).dashboards);
  });

  it("show each metric of an alarm on the overview", () => {
    const shown = new Set(overview.flatMap(({ properties }) => properties.metrics.map(shownMetric)));
    const hidden = alarms.flatMap(({ AlarmName, Metrics, ...single }) => {
      const looksAt = Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [
        Metric.parse(single),
      ];
      return looksAt
        .map(keyOf)
        .filter((key) => !shown.has(key))
        .map((key) => `${AlarmName}: ${key}`);
    });
    expect(hidden).toEqual([]);
  });

  it("show the state of exactly the alarms that notify", () => {
    const composite = resourcesOf(app, "AWS::CloudWatch::CompositeAlarm", Alarm);
    const telling = [...composite.map(({ properties }) => properties), ...alarms].filter(
      ({ AlarmActions }) => AlarmActions.length > 0,
    );
    const shown = overview.flatMap(({ properties }) => properties.alarms);
    expect(shown.map((arn) => arn.split(":alarm:")[1]).toSorted()).toEqual(
      telling.map(({ AlarmName }) => AlarmName).toSorted(),
    );
  });

  it("have a different title for each widget of a page", () => {
    for (const { widgets } of dashboards) {
      const titles = widgets.flatMap(({ properties }) => properties.title ?? []);
      expect(titles).toEqual([...new Set(titles)]);
    }
  });

  it("ask the logs only saved queries", () => {
    const saved = resourcesOf(app, "AWS::Logs::QueryDefinition", Definition).map(
      ({ properties }) => properties.QueryString,
    );
    const asked = dashboards.flatMap(({ widgets }) =>
      widgets.flatMap(({ properties }) => properties.query ?? []),
    );
    expect(asked.length).toBeGreaterThan(0);
    // A widget's query begins with its log groups.
    expect(asked.filter((query) => !saved.some((text) => query.endsWith(text)))).toEqual([]);
  });
});
