import { describe, expect, it, test } from "vitest";
import { takes, transform } from "./event-pattern.ts";

const EVENT = {
  source: "aws.ecr",
  resources: ["arn:a/1", "arn:b/2"],
  detail: { status: "ACTIVE", counts: { HIGH: 2, LOW: 0 } },
};

describe("a rule takes an event", () => {
  it.each([
    ["with one of the values", { source: ["aws.sns", "aws.ecr"] }],
    ["with a value deeper in it", { detail: { status: ["ACTIVE"] } }],
    ["with a list of which one value matches", { resources: [{ prefix: "arn:b/" }] }],
    ["with a greater number", { detail: { counts: { HIGH: [{ numeric: [">", 1] }] } } }],
    [
      "that matches one of two patterns",
      { detail: { $or: [{ status: ["CLOSED"] }, { counts: { HIGH: [{ numeric: [">", 0] }] } }] } },
    ],
  ])("%s", (_, pattern) => {
    expect(takes(pattern, EVENT)).toBe(true);
  });
});

describe("a rule does not take an event", () => {
  it.each([
    ["with another value", { source: ["aws.sns"] }],
    ["that lacks the field", { detail: { missing: ["x"] } }],
    ["that lacks the object", { detail: { missing: { deeper: ["x"] } } }],
    ["with a list of which no value matches", { resources: [{ prefix: "arn:c/" }] }],
    ["with a number that is not greater", { detail: { counts: { LOW: [{ numeric: [">", 0] }] } } }],
    ["that matches one field and not the other", { source: ["aws.ecr"], detail: { status: ["CLOSED"] } }],
    ["that matches neither of two patterns", { $or: [{ source: ["aws.sns"] }, { source: ["aws.sqs"] }] }],
  ])("%s", (_, pattern) => {
    expect(takes(pattern, EVENT)).toBe(false);
  });
});

test.each([{ source: [{ suffix: "ecr" }] }, { detail: { counts: { HIGH: [{ numeric: ["<", 1] }] } } }])(
  "a pattern that is not known here is refused: %j",
  (pattern) => {
    expect(() => takes(pattern, EVENT)).toThrow("is not known here");
  },
);

test("a target gets the text with the values of its paths, and an empty text for a path without a value", () => {
  const target = {
    InputPathsMap: { second: "$.resources[1]", high: "$.detail.counts.HIGH", none: "$.detail.none.deeper" },
    InputTemplate: '"It \\"is\\" <second>: <high><none>."',
  };
  expect(transform(target, EVENT)).toBe('It "is" arn:b/2: 2.');
});
