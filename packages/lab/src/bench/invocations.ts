// `node invocations.ts BUNDLE read|order COUNT`: loads the gateway's function, lets it serve requests, and prints the time of the first and of
// the later ones as a line of JSON.
import { pathToFileURL } from "node:url";

const WARM_UP = 500;
const [bundle = "", kind = "", invocations = ""] = process.argv.slice(2);

const body = JSON.stringify({ user_id: "3", number_of_items: "5", total_amount: "180" });
const [method, path, scope] =
  kind === "read" ? ["GET", "/api/movies/1", "movies.read"] : ["POST", "/api/billing", "orders.write"];
const event = {
  version: "2.0",
  routeKey: kind === "read" ? "GET /api/movies/{id}" : "POST /api/billing",
  rawPath: path,
  rawQueryString: "",
  headers: { "content-type": "application/json", authorization: "Bearer none" },
  requestContext: {
    http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
    authorizer: { jwt: { claims: { sub: "bench", token_use: "access", scope } } },
  },
  ...(kind === "order" && { body }),
  isBase64Encoded: false,
};

// Lambda's runtime has loaded it before the function (rapid-client.ts of aws-lambda-nodejs-runtime-interface-client).
process.getBuiltinModule("node:http");
const beginning = { cpu: process.cpuUsage(), at: performance.now() };
const { handler } = await import(pathToFileURL(bundle).href);
const loadedAt = performance.now();
await invoke(1);
const now = performance.now();
const coldStart = { cpu: cpuMs(beginning.cpu), wall: now - beginning.at, firstRequest: now - loadedAt };
await invoke(Math.min(WARM_UP, Number(invocations)));
const before = process.cpuUsage();
await invoke(Number(invocations));
const requestMs = cpuMs(before) / Math.max(1, Number(invocations));
process.stdout.write(`${JSON.stringify({ coldStart, requestMs })}\n`, () => process.exit(0));

async function invoke(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const { statusCode } = await handler(structuredClone(event), {});
    if (statusCode !== 200) throw new Error(`The gateway answered ${statusCode}`);
  }
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}
