import { parseEnvironment } from "@cloud-design/core/environment";
import { expect, test } from "vitest";
import { InventoryEnvironment } from "./env.ts";

const URL = "http://127.0.0.1/000000000000/a-queue";

test.each([{ WEBHOOK_DELIVERIES_URL: URL }, { WEBHOOK_RETRIES_URL: URL }])(
  "inventory does not start with one queue of webhooks alone: %j",
  (given) => {
    expect(() => parseEnvironment(InventoryEnvironment, given)).toThrow("must be set together");
  },
);

test.each([{}, { WEBHOOK_DELIVERIES_URL: URL, WEBHOOK_RETRIES_URL: URL }])(
  "inventory starts with both queues of webhooks, or without them: %j",
  (given) => {
    expect(() => parseEnvironment(InventoryEnvironment, given)).not.toThrow("WEBHOOK");
  },
);
