import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { createLog } from "@cloud-design/core/log";
import type { Delivery } from "@cloud-design/core/webhooks/delivery";
import { afterEach, expect, test, vi } from "vitest";
import { openDeliveryQueues } from "./delivery-queues.ts";

const GOOD: Delivery = {
  ...{ webhook: "whk_1", url: "https://shop.example/", id: "evt_1", body: "{}", attempt: 2, waitSeconds: 0 },
};
const servers: Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** Queues of an SQS that answers everything with this, and the bodies that it was sent. */
async function openWith(answer: object, log = createLog("test")) {
  const sent: unknown[] = [];
  const server = createServer(async (request, response) => {
    sent.push(await json(request));
    response.end(JSON.stringify(answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  servers.push(server);
  vi.stubEnv("AWS_REGION", "eu-west-3");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKID");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "a secret key");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/retries`;
  return { sent, queues: openDeliveryQueues({ deliveriesUrl: url, retriesUrl: url, log }) };
}

test("a delivery names its caller, or else its webhook, so that SQS can serve others beside a slow receiver", async () => {
  const { queues, sent } = await openWith({});
  await queues.send([{ ...GOOD, group: "ann" }, GOOD]);
  expect(sent).toMatchObject([
    {
      Entries: [
        { Id: "0", MessageGroupId: "ann" },
        { Id: "1", MessageGroupId: "whk_1" },
      ],
    },
  ]);
});

test("a malformed message is logged without its text, and the others of its batch are received", async () => {
  const bodies = ["a secret", JSON.stringify(GOOD), JSON.stringify({ ...GOOD, attempt: 0 })];
  const Messages = bodies.map((Body, index) => ({ Body, ReceiptHandle: String(index) }));
  const error = vi.fn();
  const { queues } = await openWith({ Messages }, { ...createLog("test"), error });
  expect(await queues.receive()).toEqual([{ delivery: GOOD, receipt: "1" }]);
  expect(error).toHaveBeenCalledTimes(2);
  expect(JSON.stringify(error.mock.calls.map(([{ err }]) => err.message))).not.toContain("secret");
});
