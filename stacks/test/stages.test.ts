import { expect, inject, test } from "vitest";
import { type App, readApp } from "../testing/app.ts";
import { sharedNames, unexplainedDifferences } from "../testing/checks/stages.ts";
import { LEARNER_DIFFERENCES, STANDARD_DIFFERENCES } from "../testing/explained-differences.ts";

const outputs = inject("outputs");
const prod = readApp("prod", outputs.prod);
const other = readApp("dev", outputs.dev);
const learner = readApp("learner", outputs.learner);

/** The other stage with one property changed. */
function otherWith(at: string, property: string, value: unknown): App {
  const app = structuredClone(other);
  const resource = app.resources.find(({ name }) => name === at);
  if (!resource) throw new Error(`There is no ${at}.`);
  resource.properties[property] = value;
  return app;
}

test.each([
  ["prod", "dev", prod, other],
  ["dev", "learner", other, learner],
])("%s and %s share no physical name", (_, __, one, another) => {
  expect(sharedNames(one, another)).toEqual([]);
});

test("the names of CloudFront, unique in an account, contain the region, so that a stage can come back in another one", () => {
  const names = prod.resources.flatMap(({ type, properties }) =>
    type.startsWith("AWS::CloudFront::")
      ? [...JSON.stringify(properties).matchAll(/"Name":"(prod[^"]+|us-east-1[^"]+)"/g)]
      : [],
  );
  expect(names.length).toBeGreaterThanOrEqual(5);
  expect(names.map(([, name]) => name).filter((name) => !name?.includes("us-east-1"))).toEqual([]);
});

test("a name without its stage in it is noticed", () => {
  const queueName = "orders";
  const both = [prod, other].map(() => otherWith("Orders/Queue", "QueueName", queueName)) as [App, App];
  expect(sharedNames(...both)).toContain(`AWS::SQS::Queue QueueName ${queueName}`);
});

test.each([
  ["prod", "dev", prod, other, STANDARD_DIFFERENCES],
  ["dev", "learner", other, learner, LEARNER_DIFFERENCES],
])(
  "%s and %s differ in what the table of stages says, and in nothing else",
  (_, __, one, another, explained) => {
    expect(unexplainedDifferences(one, another, explained)).toEqual([]);
  },
);

test("a difference that the table does not explain is noticed", () => {
  expect(
    unexplainedDifferences(prod, otherWith("Gateway/Gateway", "MemorySize", 128), STANDARD_DIFFERENCES),
  ).toEqual([
    "Not explained by the table of stages: AWS::Lambda::Function Gateway/Gateway properties MemorySize",
  ]);
});
