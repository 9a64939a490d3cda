import { parseRule, type Rule } from "@cloud-design/cloudwatch/alarm-rule";
import { type Evaluated, metricAlarm } from "@cloud-design/cloudwatch/metric-alarm";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { referenceTo } from "../references.ts";
import { alarmResources } from "./alarm-resources.ts";

export interface Alarm extends Evaluated {
  /** Without the stage: `orders-age`. */
  name: string;
  resource: string;
  description: string;
  /** Whether it notifies by itself; a part of a composite alarm does not. */
  rings: boolean;
}

const Simple = z.looseObject({ AlarmName: z.string(), AlarmDescription: z.string().default("") });
const Composite = Simple.extend({ AlarmRule: z.string() });

/** Every alarm of a stage, ready to be evaluated. Throws at a property or value that is not known here. */
export function alarmsOf(app: App): Map<string, Alarm> {
  const rules = resourcesOf(app, "AWS::CloudWatch::CompositeAlarm", Composite).map(
    ({ name, properties }) => ({
      ...naming(app, name, properties),
      rule: told(name, () => parseRule(properties.AlarmRule)),
    }),
  );
  const asked = new Set(rules.flatMap(({ rule }) => rule.alarms));
  const simple = alarmResources(app, Simple).map(({ name, properties }) => {
    const alarm = naming(app, name, properties);
    const rings = !spellings(app, alarm).some((spelling) => asked.has(spelling));
    return { ...alarm, rings, ...told(name, () => metricAlarm(properties)) };
  });
  const bySpelling = new Map(
    simple.flatMap((alarm) => spellings(app, alarm).map((spelling) => [spelling, alarm] as const)),
  );
  const composite = rules.map(({ rule, ...alarm }) => ({
    ...alarm,
    rings: true,
    ...told(alarm.resource, () => compositeAlarm(rule, bySpelling)),
  }));
  return new Map([...simple, ...composite].map((alarm) => [alarm.name, alarm]));
}

/** The keys of all metrics that the alarms of a stage read, as recordings spell them. */
export function metricsOfAlarms(app: App): Set<string> {
  return new Set([...alarmsOf(app).values()].flatMap(({ keys }) => keys));
}

function naming({ stage }: App, resource: string, properties: z.output<typeof Simple>) {
  return {
    name: properties.AlarmName.replace(`${stage}-cloud-design-`, ""),
    resource,
    description: properties.AlarmDescription,
  };
}

/** The spellings by which an alarm rule may refer to it. */
function spellings({ stage }: App, { name, resource }: Pick<Alarm, "name" | "resource">): string[] {
  return [`${stage}-cloud-design-${name}`, referenceTo(resource), referenceTo(resource, "Arn")];
}

function compositeAlarm(rule: Rule, alarms: ReadonlyMap<string, Evaluated>): Evaluated {
  const parts = new Map(
    rule.alarms.map((name) => {
      const alarm = alarms.get(name);
      if (!alarm) throw new Error(`Its rule names ${name}, which is not a metric alarm of this stage.`);
      return [name, alarm];
    }),
  );
  return {
    keys: [...new Set([...parts.values()].flatMap(({ keys }) => keys))],
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

/** Runs `make`; an error names the alarm. */
function told<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`The alarm ${name} cannot be evaluated: ${why}`, { cause: error });
  }
}
