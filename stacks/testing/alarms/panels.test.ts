import { expect, test } from "vitest";
import { panelFor, panelsOf } from "./panels.ts";

function dashboard(widgets: object[]) {
  const properties = {
    DashboardName: "prod-cloud-design-overview",
    DashboardBody: JSON.stringify({ widgets }),
  };
  const policies = {
    deletionPolicy: "Delete",
    updateReplacePolicy: "Delete",
    updatePolicy: {},
    dependsOn: [],
  };
  return { name: "Alarms/Overview", type: "AWS::CloudWatch::Dashboard", properties, ...policies };
}

const GRAPH = {
  type: "metric",
  properties: {
    title: "Orders in SQS",
    metrics: [
      [{ expression: "60 * acknowledged" }],
      ["AWS/SQS", "Age", "QueueName", "<Orders/Queue.QueueName>", { stat: "Maximum" }],
      ["AWS/RDS", "CPUUtilization", "Role", "WRITER", "DBClusterIdentifier", "a"],
      ["cloud-design/prod", "OrdersHeldBack"],
    ],
  },
};
const panels = panelsOf({
  stage: "prod",
  preset: "hardened",
  resources: [dashboard([{ type: "text", properties: { markdown: "Orders" } }, GRAPH])],
  exportNames: [],
});

test.each([
  "AWS/SQS Age QueueName=<Orders/Queue.QueueName>",
  "AWS/RDS CPUUtilization DBClusterIdentifier=a,Role=WRITER",
  "cloud-design/prod OrdersHeldBack",
])("a graph shows %s", (key) => {
  expect(panelFor({ keys: ["AWS/SQS Other", key] }, panels)).toMatchObject({
    dashboard: "overview",
    title: "Orders in SQS",
  });
});

test("a graph of a metric does not stand for another metric of the same name", () => {
  expect(
    panelFor({ keys: ["AWS/SQS Age QueueName=<Orders/DeadLetters.QueueName>"] }, panels),
  ).toBeUndefined();
});
