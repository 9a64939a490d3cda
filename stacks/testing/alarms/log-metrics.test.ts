import { expect, test } from "vitest";
import { logMetricsOf } from "./log-metrics.ts";

function filtersOf(transformation: Record<string, unknown>) {
  const properties = {
    LogGroupName: "<Orders/OrderBridgeLogs>",
    FilterPattern: "{ $.failed > 0 }",
    MetricTransformations: [{ MetricNamespace: "cloud-design/prod", MetricName: "Held", ...transformation }],
  };
  const resource = { name: "Alarms/Held", type: "AWS::Logs::MetricFilter", properties };
  const policies = {
    deletionPolicy: "Delete",
    updateReplacePolicy: "Delete",
    updatePolicy: {},
    dependsOn: [],
  };
  return logMetricsOf({ stage: "prod", resources: [{ ...resource, ...policies }], exportNames: [] });
}

test("a filter counts what a line holds, and nothing of a line that does not fit or is no JSON", () => {
  const [filter] = filtersOf({ MetricValue: "$.failed" });
  const lines = ['{"failed":3}', '{"failed":0}', '{"level":"info"}', "START RequestId"];
  expect(lines.map((line) => filter?.read(line))).toEqual([
    [{ key: "cloud-design/prod Held", samples: [3] }],
    [],
    [],
    [],
  ]);
  expect(filter?.logGroup).toBe("<Orders/OrderBridgeLogs>");
  expect(filter?.otherwise).toEqual([]);
});

test("a filter counts lines, by a field of theirs, and says what a minute without one counts", () => {
  const dimensions = [{ Key: "queue", Value: "$.queue" }];
  const [filter] = filtersOf({ MetricValue: "1", Dimensions: dimensions, DefaultValue: 0 });
  expect(filter?.read('{"failed":3,"queue":"orders"}')).toEqual([
    { key: "cloud-design/prod Held queue=orders", samples: [1] },
  ]);
  expect(filter?.read('{"failed":3}')).toEqual([]);
  expect(filter?.otherwise).toEqual([{ key: "cloud-design/prod Held", samples: [0] }]);
});
