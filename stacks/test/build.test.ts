import { expect, inject, test } from "vitest";

test("asks AWS for its account and its bootstrap stacks, and for nothing else", () => {
  expect(inject("askedOfAws").toSorted()).toEqual([
    "DescribeStacks CDKToolkit",
    "DescribeStacks SSTBootstrap",
    "GetCallerIdentity",
  ]);
});
