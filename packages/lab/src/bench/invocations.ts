// `node invocations.ts BUNDLE COUNT`: loads the gateway's function, lets it accept orders, and prints the time of both as a line of JSON.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const WARM_UP = 500;
const [bundle = "", invocations = ""] = process.argv.slice(2);

// Enough of SQS for sending: the SDK compares the digest.
const sqs = createServer(async (request, response) => {
  const { MessageBody } = JSON.parse(await text(request));
  const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
  response.setHeader("content-type", "application/x-amz-json-1.0");
  response.end(JSON.stringify({ MessageId: "1", MD5OfMessageBody }));
}).listen(0, "127.0.0.1");
await once(sqs, "listening");
const address = sqs.address();
const port = typeof address === "object" ? address?.port : "";
Object.assign(process.env, {
  AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${port}`,
  ORDERS_QUEUE_URL: `http://127.0.0.1:${port}/000000000000/orders`,
});

const loading = { cpu: process.cpuUsage(), at: performance.now() };
const { handler } = await import(pathToFileURL(bundle).href);
const coldStart = { cpu: cpuMs(loading.cpu), wall: performance.now() - loading.at };

const body = JSON.stringify({ user_id: "3", number_of_items: "5", total_amount: "180" });
const event = {
  version: "2.0",
  routeKey: "POST /api/billing",
  rawPath: "/api/billing",
  rawQueryString: "",
  headers: { "content-type": "application/json", authorization: "Bearer none" },
  requestContext: {
    http: { method: "POST", path: "/api/billing", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
    authorizer: { jwt: { claims: { sub: "bench", token_use: "access", scope: "orders.write" } } },
  },
  body,
  isBase64Encoded: false,
};

async function invoke(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const { statusCode } = await handler(structuredClone(event), {});
    if (statusCode !== 200) throw new Error(`The gateway answered ${statusCode}`);
  }
}

await invoke(Math.min(WARM_UP, Number(invocations)));
const before = process.cpuUsage();
await invoke(Number(invocations));
const requestMs = cpuMs(before) / Number(invocations);
process.stdout.write(`${JSON.stringify({ coldStart, requestMs })}\n`, () => process.exit(0));

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}
