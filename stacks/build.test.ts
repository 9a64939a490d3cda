import { expect, inject, test } from "vitest";

test("asks AWS for its account, its bootstrap stacks and its brokers, and for nothing else", () => {
  expect(inject("askedOfAws").toSorted()).toEqual([
    "DescribeBrokerInstanceOptions",
    "DescribeStacks CDKToolkit",
    "DescribeStacks SSTBootstrap",
    "GetCallerIdentity",
  ]);
});
