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
  return logMetricsOf({
    stage: "prod",
    preset: "hardened",
    resources: [{ ...resource, ...policies }],
    exportNames: [],
  });
}

test("a filter reports the value in a matching line, and nothing for a line that does not match or is not JSON", () => {
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

test("a filter counts matching lines by a field, and reports its default for a minute without a match", () => {
  const dimensions = [{ Key: "queue", Value: "$.queue" }];
  const [filter] = filtersOf({ MetricValue: "1", Dimensions: dimensions, DefaultValue: 0 });
  expect(filter?.read('{"failed":3,"queue":"orders"}')).toEqual([
    { key: "cloud-design/prod Held queue=orders", samples: [1] },
  ]);
  expect(filter?.read('{"failed":3}')).toEqual([]);
  expect(filter?.otherwise).toEqual([{ key: "cloud-design/prod Held", samples: [0] }]);
});
