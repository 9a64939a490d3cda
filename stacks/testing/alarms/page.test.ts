import { handmade } from "@cloud-design/cloudwatch/testing/handmade";
import { expect, inject, test } from "vitest";
import { readApp } from "../app.ts";
import { alarmsPage } from "./page.ts";

const CONSUMERS = "AWS/AmazonMQ ConsumerCount Broker=prod-cloud-design-broker";
const prod = readApp("prod", inject("outputs").prod);

function rowsOf(digits: string): string[] {
  const quiet = handmade({ [CONSUMERS]: "2222" });
  const fault = handmade({ [CONSUMERS]: digits }, { phases: { fault: [2, 14] } });
  const page = alarmsPage(prod, new Map(Object.entries({ quiet, "billing-stopped": fault })));
  return page.split("\n").filter((line) => line.startsWith("| ["));
}

test("the page says for each recording which alarm rings in it, when, and where to read on", () => {
  expect(rowsOf("22000000000000222")).toEqual([
    "| [billing-consumers](runbook.md#billing-consumers) | billing-stopped | The broker reports that it has no consumer. | 10 min | 0 min | overview: Orders in RabbitMQ |",
  ]);
});

test("the page says so when an alarm does not ring", () => {
  expect(rowsOf("22000000000222222")[0]).toContain("| never | 0 min |");
});
