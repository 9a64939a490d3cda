import { amongQuietHours } from "@cloud-design/cloudwatch/recording";
import { handmade } from "@cloud-design/cloudwatch/testing/handmade";
import { expect, inject, test } from "vitest";
import * as z from "zod";
import { readApp } from "../app.ts";
import { STAGES } from "../setup.ts";
import { alarmResources } from "./alarm-resources.ts";
import { alarmsOf, metricsOfAlarms } from "./alarms.ts";

const prod = readApp("prod", inject("outputs").prod);

test.each(STAGES)("every alarm of %s can be evaluated", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);
  const alarms = [...alarmsOf(app).values()];
  const composite = app.resources.filter(({ type }) => type === "AWS::CloudWatch::CompositeAlarm");
  expect(alarms.length).toBe(alarmResources(app, z.unknown()).length + composite.length);
  const silence = amongQuietHours(handmade({ none: "." }), handmade({ none: "." }));
  for (const alarm of alarms) expect(alarm.states(silence).next().value).toMatch(/^(OK|ALARM)$/);
});

test("an alarm has its short name, and its metric key is the template's name for the metric", () => {
  expect(alarmsOf(prod).get("orders-age")).toMatchObject({
    keys: ["AWS/SQS ApproximateAgeOfOldestMessage QueueName=<Orders/Queue.QueueName>"],
    span: 3,
    rings: true,
  });
  expect(metricsOfAlarms(prod)).toContain("cloud-design/prod OrdersHeldBack");
});

test("a composite alarm rings while its rule holds, and looks as far back as its parts", () => {
  const app = structuredClone(prod);
  const template = app.resources.find(({ name }) => name === "Alarms/Alarm-orders-age");
  if (!template) throw new Error("There is no alarm to copy.");
  app.resources.push({
    ...template,
    name: "Alarms/Alarm-both",
    type: "AWS::CloudWatch::CompositeAlarm",
    properties: {
      AlarmName: "prod-cloud-design-both",
      AlarmRule: '(ALARM("<Alarms/Alarm-orders-age.Arn>") AND ALARM("prod-cloud-design-orders-held-back"))',
    },
  });
  const both = alarmsOf(app).get("both");
  const [age = "", heldBack = ""] = both?.keys ?? [];
  expect(both?.span).toBe(5);
  expect(alarmsOf(app).get("orders-age")?.rings).toBe(false);
  const statesOf = (digits: Record<string, string>) => {
    const recording = handmade(digits);
    for (const samples of Object.values(recording.series[age] ?? {})) samples.splice(0, 1, 300);
    return both?.states(amongQuietHours(recording, recording)).next().value;
  };
  expect(statesOf({ [age]: "1", [heldBack]: "1" })).toBe("ALARM");
  expect(statesOf({ [age]: "1", [heldBack]: "0" })).toBe("OK");
  expect(statesOf({ [age]: ".", [heldBack]: "1" })).toBe("OK");
});

test.each([
  ["Metrics", [{ Id: "a", Expression: "RATE(m)" }]],
  ["Period", 30],
  ["EvaluationWindow", {}],
])("an alarm with an unknown %s fails with the alarm's name", (property, value) => {
  const app = structuredClone(prod);
  const alarm = app.resources.find(({ name }) => name === "Alarms/Alarm-orders-age");
  if (alarm) alarm.properties[property] = value;
  expect(() => alarmsOf(app)).toThrow("The alarm Alarms/Alarm-orders-age cannot be evaluated: ");
});
