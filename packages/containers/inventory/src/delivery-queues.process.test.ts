import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createLog } from "@cloud-design/core/log";
import type { Delivery } from "@cloud-design/core/webhooks/delivery";
import { afterEach, expect, test, vi } from "vitest";
import { openDeliveryQueues } from "./delivery-queues.ts";

const GOOD: Delivery = {
  ...{ webhook: "whk_1", url: "https://shop.example/", id: "evt_1", body: "{}", attempt: 2, waitSeconds: 0 },
};
afterEach(() => vi.unstubAllEnvs());

test("a malformed message is logged without its text, and the others of its batch are received", async () => {
  const bodies = ["a secret", JSON.stringify(GOOD), JSON.stringify({ ...GOOD, attempt: 0 })];
  const Messages = bodies.map((Body, index) => ({ Body, ReceiptHandle: String(index) }));
  const server = createServer((_, response) => response.end(JSON.stringify({ Messages })));
  await once(server.listen(0, "127.0.0.1"), "listening");
  vi.stubEnv("AWS_REGION", "eu-west-3");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKID");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "a secret key");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/retries`;
  const error = vi.fn();
  const log = { ...createLog("test"), error };
  const queues = openDeliveryQueues({ deliveriesUrl: url, retriesUrl: url, log });
  expect(await queues.receive()).toEqual([{ delivery: GOOD, receipt: "1" }]);
  expect(error).toHaveBeenCalledTimes(2);
  expect(JSON.stringify(error.mock.calls.map(([{ err }]) => err.message))).not.toContain("secret");
  server.close().closeAllConnections();
});
