import type * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { referencesIn } from "../references.ts";

/** The metric alarms of a stage that are for people, alone or in a composite alarm. Those of a scaling policy only change the number of tasks. */
export function alarmResources<T extends z.ZodType>(app: App, schema: T) {
  const policies = new Set(
    app.resources
      .filter(({ type }) => type === "AWS::ApplicationAutoScaling::ScalingPolicy")
      .map(({ name }) => name),
  );
  const isForPeople = ({ properties }: App["resources"][number]) =>
    !referencesIn(JSON.stringify(properties.AlarmActions ?? [])).some((name) => policies.has(name));
  const resources = app.resources.filter(isForPeople);
  return resourcesOf({ ...app, resources }, "AWS::CloudWatch::Alarm", schema);
}
