import { expect, test } from "vitest";
import { parseEmf } from "./emf.ts";

test("a line reports each metric for each set of dimensions, in its own namespace", () => {
  const line = {
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        {
          Namespace: "cloud-design/prod",
          Dimensions: [["service"], ["service", "queue"], []],
          Metrics: [{ Name: "orders.batch.size", Unit: "Count" }],
        },
        { Namespace: "AWS/SQS", Dimensions: [["queue"]], Metrics: [{ Name: "Age" }, { Name: "Depth" }] },
      ],
    },
    service: "billing",
    queue: "orders",
    "orders.batch.size": { Values: [1, 10], Counts: [4, 2], Min: 1, Max: 10, Count: 6, Sum: 24 },
    Age: 7,
    Depth: [1, 2],
  };
  expect(parseEmf(JSON.stringify(line))).toEqual([
    {
      key: "cloud-design/prod orders.batch.size service=billing",
      samples: [
        [1, 4],
        [10, 2],
      ],
    },
    {
      key: "cloud-design/prod orders.batch.size queue=orders,service=billing",
      samples: [
        [1, 4],
        [10, 2],
      ],
    },
    {
      key: "cloud-design/prod orders.batch.size",
      samples: [
        [1, 4],
        [10, 2],
      ],
    },
    { key: "AWS/SQS Age queue=orders", samples: [7] },
    { key: "AWS/SQS Depth queue=orders", samples: [1, 2] },
  ]);
});

test.each([
  ["is not JSON", 'START "_aws"'],
  ["is an ordinary line", '{"level":"info"}'],
  [
    "names a metric without a value",
    '{"_aws":{"CloudWatchMetrics":[{"Namespace":"n","Metrics":[{"Name":"a"}]}]}}',
  ],
  [
    "names a dimension without a value",
    '{"_aws":{"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[["d"]],"Metrics":[{"Name":"a"}]}]},"a":1}',
  ],
])("a line that %s reports nothing", (_, line) => {
  expect(parseEmf(line)).toEqual([]);
});
