import { alarmsOf } from "../alarms/alarms.ts";
import { panelFor, panelsOf } from "../alarms/panels.ts";
import type { App } from "../app.ts";

/** A graph on a dashboard shows a metric of each alarm. */
export function alarmPanels(app: App): string[] {
  const panels = panelsOf(app);
  return [...alarmsOf(app).values()]
    .filter((alarm) => alarm.rings && !panelFor(alarm, panels))
    .map(({ name, keys }) => `No dashboard shows ${keys.join(" or ")}, which the alarm ${name} looks at.`);
}
