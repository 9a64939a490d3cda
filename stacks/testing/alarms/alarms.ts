import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { referenceTo } from "../references.ts";
import { parseRule } from "./alarm-rule.ts";
import { type Evaluated, metricAlarm } from "./metric-alarm.ts";

export interface Alarm extends Evaluated {
  /** Without the stage: `orders-age`. */
  name: string;
  resource: string;
  description: string;
  /** Whether it tells somebody; a part of another alarm tells nobody. */
  rings: boolean;
}

const Common = z.looseObject({
  AlarmDescription: z.string().default(""),
  AlarmActions: z.array(z.string()).default([]),
});
const Simple = Common.extend({ AlarmName: z.string() });
const Composite = Simple.extend({ AlarmRule: z.string() });

/** Every alarm of a stage, ready to be evaluated. Throws at one that says something which is not known here. */
export function alarmsOf(app: App): Map<string, Alarm> {
  const simple = resourcesOf(app, "AWS::CloudWatch::Alarm", Simple).map(({ name, properties }) => ({
    ...naming(app, name, properties),
    ...told(name, () => metricAlarm(properties)),
  }));
  const byReference = new Map(
    simple.flatMap((alarm) => spellings(app, alarm).map((spelling) => [spelling, alarm] as const)),
  );
  const composite = resourcesOf(app, "AWS::CloudWatch::CompositeAlarm", Composite).map(
    ({ name, properties }) => ({
      ...naming(app, name, properties),
      ...told(name, () => compositeAlarm(properties.AlarmRule, byReference)),
    }),
  );
  return new Map([...simple, ...composite].map((alarm) => [alarm.name, alarm]));
}

/** What the alarms of a stage look at, as recordings call it. */
export function metricsOfAlarms(app: App): Set<string> {
  return new Set([...alarmsOf(app).values()].flatMap(({ keys }) => keys));
}

function naming({ stage }: App, resource: string, properties: z.output<typeof Simple>) {
  return {
    name: properties.AlarmName.replace(`${stage}-cloud-design-`, ""),
    resource,
    description: properties.AlarmDescription,
    rings: properties.AlarmActions.length > 0,
  };
}

/** How a rule may call it. */
function spellings({ stage }: App, { name, resource }: Pick<Alarm, "name" | "resource">): string[] {
  return [`${stage}-cloud-design-${name}`, referenceTo(resource), referenceTo(resource, "Arn")];
}

function compositeAlarm(text: string, alarms: ReadonlyMap<string, Evaluated>): Evaluated {
  const rule = parseRule(text);
  const parts = new Map(
    rule.alarms.map((name) => {
      const alarm = alarms.get(name);
      if (!alarm) throw new Error(`The alarm rule ${text} asks ${name}, which is no alarm of a metric here.`);
      return [name, alarm];
    }),
  );
  return {
    keys: [...parts.values()].flatMap(({ keys }) => keys),
    span: Math.max(...[...parts.values()].map(({ span }) => span)),
    *states(timeline) {
      const states = new Map([...parts].map(([name, part]) => [name, part.states(timeline)]));
      while (true) {
        const now = new Map([...states].map(([name, part]) => [name, part.next().value]));
        yield rule.holds((name) => now.get(name)) ? "ALARM" : "OK";
      }
    },
  };
}

/** What it does, or which alarm cannot say. */
function told<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`The alarm ${name} cannot be evaluated: ${why}`, { cause: error });
  }
}
