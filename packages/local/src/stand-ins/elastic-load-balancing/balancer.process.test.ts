import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { TARGET_GROUP } from "@cloud-design/containers/target-group";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../servers/free-port.ts";
import { temporaryDirectory } from "../../servers/temporary-directory.ts";
import { listen } from "../stand-in.ts";
import { openBalancer } from "./balancer.ts";
import { deregister, isInService, serveTargets } from "./targets.ts";

let resources: AsyncDisposableStack;
let url: string;
let socket: string;
let states: string[];
/** Each lets one more check of its target begin. */
let dueChecks: (() => void)[];

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const directory = resources.use(await temporaryDirectory()).path;
  socket = join(directory, "balancer.sock");
  states = [];
  dueChecks = [];
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const balancer = resources.use(
    await openBalancer(port, {
      onState: (target, state) => states.push(`${target} ${state}`),
      untilNextCheck: () => new Promise((resolve) => dueChecks.push(() => resolve(true))),
    }),
  );
  resources.defer((await serveTargets(socket, balancer)).close);
});
afterEach(() => resources.disposeAsync());

/** A process of a service; without an answer of its own it says its name. */
async function openTarget(
  name: string,
  answer = (response: ServerResponse): void => void response.end(name),
) {
  const health = { status: 200 };
  const server: Server = createServer((request, response) => {
    if (request.url === TARGET_GROUP.path) response.writeHead(health.status).end();
    else answer(response);
  });
  const port = await listen(server, 0);
  const kill = () => {
    server.close();
    server.closeAllConnections();
  };
  resources.defer(kill);
  return { port, health, kill };
}

const ask = async () => {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
};
const askTimes = async (times: number) => {
  const answers: string[] = [];
  for (let time = 0; time < times; time++) answers.push(await ask());
  return answers;
};

test("registered targets answer in turn; one that fails its check gets no request", async () => {
  expect(await ask()).toContain("503 <html>");
  const [one, two, sick] = [await openTarget("one"), await openTarget("two"), await openTarget("sick")];
  sick.health.status = 503;
  expect(await isInService(socket, one.port)).toBe(true);
  expect(await isInService(socket, sick.port)).toBe(false);
  expect(await isInService(socket, two.port)).toBe(true);
  expect((await askTimes(4)).sort()).toEqual(["200 one", "200 one", "200 two", "200 two"]);
  sick.health.status = 200;
  expect(await isInService(socket, sick.port)).toBe(true);
  expect(new Set(await askTimes(3))).toEqual(new Set(["200 one", "200 two", "200 sick"]));
});

test("a target that is deregistered answers what it has in hand and gets nothing more", async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<ServerResponse>();
  const slow = await openTarget("slow", onAsked);
  const other = await openTarget("other");
  await isInService(socket, slow.port);
  const inHand = ask();
  const response = await asked;
  await isInService(socket, other.port);
  let isOut = false;
  const out = deregister(socket, slow.port).then(() => {
    isOut = true;
  });
  await expect.poll(() => askTimes(4)).toEqual(Array(4).fill("200 other"));
  expect(isOut).toBe(false);
  response.end("at last");
  expect(await inHand).toBe("200 at last");
  await out;
  expect(states).toEqual([`${slow.port} healthy`, `${other.port} healthy`, `${slow.port} deregistered`]);
});

test("a target that died costs its callers a 502 each until it is deregistered", async () => {
  const [one, two] = [await openTarget("one"), await openTarget("two")];
  await isInService(socket, one.port);
  await isInService(socket, two.port);
  two.kill();
  expect((await askTimes(2)).sort()).toEqual(["200 one", expect.stringContaining("502 <html>")]);
  await deregister(socket, two.port);
  expect(await askTimes(2)).toEqual(["200 one", "200 one"]);
});

test("a target that fails three checks in a row gets no more requests, until two pass", async () => {
  const [one, two] = [await openTarget("one"), await openTarget("two")];
  await isInService(socket, one.port);
  await isInService(socket, two.port);
  const check = async () => {
    // Both targets are waiting for their next check.
    await expect.poll(() => dueChecks.length).toBe(2);
    for (const begin of dueChecks.splice(0)) begin();
    await expect.poll(() => dueChecks.length).toBe(2);
  };
  two.health.status = 503;
  await check();
  await check();
  expect(new Set(await askTimes(2))).toEqual(new Set(["200 one", "200 two"]));
  await check();
  expect(await askTimes(3)).toEqual(Array(3).fill("200 one"));
  two.health.status = 200;
  await check();
  expect(await askTimes(2)).toEqual(Array(2).fill("200 one"));
  await check();
  expect(new Set(await askTimes(2))).toEqual(new Set(["200 one", "200 two"]));
  expect(states.slice(2)).toEqual([`${two.port} unhealthy`, `${two.port} healthy`]);
});

test("a balancer that does not run holds up neither the start nor the stop of a target", async () => {
  const nowhere = `${socket}.none`;
  expect(await isInService(nowhere, 1)).toBe(true);
  await deregister(nowhere, 1);
});
