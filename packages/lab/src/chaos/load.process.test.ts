import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startLoad } from "./load.ts";

/** The first order of a load against a server that gives these answers to its tries, the last one to all further tries. */
async function firstOrder(...answers: readonly number[]) {
  let tries = 0;
  const server = createServer((request, response) => {
    const isOrder = request.method === "POST";
    const status = isOrder ? (answers[Math.min(tries++, answers.length - 1)] ?? 500) : 200;
    response.writeHead(status).end(JSON.stringify({ id: "ord_1", status: "accepted" }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const gatewayUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const load = startLoad({ gatewayUrl, token: () => "token", perSecond: 1 });
  const operation = await load.order();
  await load.stop();
  return { outcome: operation.outcome, refusals: load.refusals };
}

test.each([
  ["a 2xx after a 5xx", "acknowledged", [503, 200], false],
  ["a 4xx after a 5xx, which may have made a row,", "indeterminate", [503, 429], true],
  ["a 4xx for each try", "refused", [401], true],
])("an order with %s is %s", async (_, outcome, answers, isRefused) => {
  const seen = await firstOrder(...answers);
  expect(seen.outcome).toBe(outcome);
  expect(seen.refusals.length > 0).toBe(isRefused);
});
