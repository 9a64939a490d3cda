import { metricKey } from "@cloud-design/cloudwatch/recording";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import type { Alarm } from "./alarms.ts";

const Dashboard = z.object({ DashboardName: z.string(), DashboardBody: z.string() });
const Body = z.object({
  widgets: z.array(
    z.object({
      type: z.string(),
      properties: z.object({
        title: z.string().optional(),
        metrics: z.array(z.array(z.unknown())).default([]),
      }),
    }),
  ),
});

export interface Panel {
  dashboard: string;
  title: string;
  /** The metrics that it shows, as recordings spell them. */
  keys: Set<string>;
}

/** Every graph of the stage's dashboards. */
export function panelsOf(app: App): Panel[] {
  return resourcesOf(app, "AWS::CloudWatch::Dashboard", Dashboard).flatMap(({ properties }) => {
    const dashboard = properties.DashboardName.replace(`${app.stage}-cloud-design-`, "");
    return Body.parse(JSON.parse(properties.DashboardBody)).widgets.map(
      ({ properties: { title = "", metrics } }) => ({
        dashboard,
        title,
        keys: new Set(metrics.flatMap(keyOf)),
      }),
    );
  });
}

/** The key of a graph's row: namespace, metric, names and values of dimensions in turn, and drawing options. An expression has no key. */
function keyOf(row: readonly unknown[]): string[] {
  const [namespace, metric, ...rest] = row.filter((part) => typeof part === "string");
  if (namespace === undefined || metric === undefined) return [];
  const pairs = rest.flatMap((name, at) => (at % 2 === 0 ? [[name, rest[at + 1] ?? ""] as const] : []));
  return [metricKey(namespace, metric, Object.fromEntries(pairs))];
}

/** The first graph that shows a metric of the alarm. */
export function panelFor({ keys }: Pick<Alarm, "keys">, panels: readonly Panel[]): Panel | undefined {
  return panels.find((panel) => keys.some((key) => panel.keys.has(key)));
}
