import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { createLog } from "@cloud-design/core/log";
import { createProblemServer } from "@cloud-design/http/server";
import { afterEach, describe, expect, test } from "vitest";
import { createApp } from "./app.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const MOVIE = JSON.stringify({ id: 1, title: "Alien", description: "" });
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${MOVIE.length}\r\n\r\n${MOVIE}`;
const STATUS_LINE = "HTTP/1.1 200 OK\r\n";
const HEADERS = ANSWER.slice(0, ANSWER.indexOf("{"));

/** How much of a request a service reads, and how much of the answer it sends, before it hangs up. */
const MOMENTS = {
  "before it reads": { reads: "nothing", says: "" },
  "when it has the headers": { reads: "headers", says: "" },
  "when it has the request": { reads: "request", says: "" },
  "within the status line": { reads: "request", says: "HTTP/1" },
  "after the status line": { reads: "request", says: STATUS_LINE },
  "between headers and body": { reads: "request", says: HEADERS },
  "within the body": { reads: "request", says: `${HEADERS}{` },
} as const;
type Moment = (typeof MOMENTS)[keyof typeof MOMENTS];
const ENDINGS = ["fin", "rst"] as const;

interface Service {
  url: string;
  /** Connections that sent a request, or were closed before they could. */
  asked: number;
}

/** Hangs up once at this moment and answers every later request; with `warm` the connection has served a request before. */
async function serviceThatHangsUp(
  moment: Moment,
  by: "fin" | "rst",
  { warm = false } = {},
): Promise<Service> {
  const service = { url: "", asked: 0 };
  let left = warm ? 1 : 0;
  let hasHungUp = false;
  const hangUp = (socket: Socket) => {
    hasHungUp = true;
    if (by === "rst") socket.resetAndDestroy();
    else socket.end();
  };
  const server = createServer((socket) => {
    socket.on("error", () => {});
    let text = "";
    const isOurs = () => left === 0 && !hasHungUp;
    if (isOurs() && moment.reads === "nothing") {
      service.asked++;
      return hangUp(socket);
    }
    socket.on("data", (chunk) => {
      text += chunk;
      if (
        isOurs() &&
        (moment.reads === "headers" || moment.reads === "nothing") &&
        text.includes("\r\n\r\n")
      ) {
        service.asked++;
        return hangUp(socket);
      }
      if (!isWhole(text)) return;
      text = "";
      if (!isOurs()) {
        left = Math.max(0, left - 1);
        service.asked++;
        return void socket.write(ANSWER);
      }
      service.asked++;
      if (moment.says === "") hangUp(socket);
      else socket.write(moment.says, () => setImmediate(() => hangUp(socket)));
    });
  });
  service.url = await listen(server);
  return service;
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return end !== -1 && text.length >= end + 4 + length;
}

async function listen(server: Server, port = 0): Promise<string> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const claims = {
  sub: "ann",
  token_use: "access",
  scope: "movies.read movies.write movies.admin orders.write",
};
const env = { event: { requestContext: { authorizer: { jwt: { claims } } } } };

function gateway(inventoryUrl: string) {
  const app = createApp({
    inventoryUrl,
    billingUrl: inventoryUrl,
    siteUrl: "https://docs.example",
    orderIdSecret: "a secret of thirty-two characters",
    queue: { enqueue: async () => {}, countWaiting: async () => 0 },
    log: createLog("test"),
  });
  return ({ path, init }: { path: string; init: RequestInit }) =>
    app.request(path, { ...init, headers: { authorization: "Bearer abc", ...init.headers } }, env);
}

const body = JSON.stringify({ title: "Alien", description: "" });
const headers = { "content-type": "application/json" };
const withKey = { ...headers, "idempotency-key": "k" };
const GET = { path: "/api/movies/1", init: {} };
const REPEATABLE = {
  GET,
  PUT: { path: "/api/movies/1", init: { method: "PUT", headers, body } },
  "DELETE of one": { path: "/api/movies/1", init: { method: "DELETE" } },
  "POST with a key": { path: "/api/movies", init: { method: "POST", headers: withKey, body } },
};
const ONCE = {
  "POST without a key": { path: "/api/movies", init: { method: "POST", headers, body } },
  "DELETE of all": { path: "/api/movies", init: { method: "DELETE" } },
  "POST of a webhook with a key": { path: "/api/webhooks", init: { method: "POST", headers: withKey, body } },
  "POST of an import with a key": { path: "/api/imports", init: { method: "POST", headers: withKey, body } },
};

describe.each(ENDINGS)("a service that hangs up by %s", (by) => {
  describe.each(Object.entries(MOMENTS))("%s", (_, moment) => {
    test.each([false, true])("gets a repeatable request again (on a kept connection: %s)", async (warm) => {
      for (const [name, request] of Object.entries(REPEATABLE)) {
        const service = await serviceThatHangsUp(moment, by, { warm });
        const ask = gateway(service.url);
        if (warm) await (await ask(GET)).text();
        const response = await ask(request);
        expect([name, response.status, await response.text()]).toEqual([name, 200, MOVIE]);
        expect(service.asked).toBe(warm ? 3 : 2);
      }
    });

    test.each([false, true])("gets any other request only once (on a kept connection: %s)", async (warm) => {
      for (const [name, request] of Object.entries(ONCE)) {
        const service = await serviceThatHangsUp(moment, by, { warm });
        const ask = gateway(service.url);
        if (warm) await (await ask(GET)).text();
        const response = await ask(request);
        expect([name, response.status, response.headers.get("content-type")]).toEqual([
          ...[name, 503, "application/problem+json"],
        ]);
        expect(service.asked).toBe(warm ? 2 : 1);
      }
    });
  });
});

describe("a request that never left", () => {
  test.each(Object.entries({ ...REPEATABLE, ...ONCE }))("is sent again: %s", async (_, request) => {
    const { url } = await serviceThatHangsUp(MOMENTS["before it reads"], "fin");
    await closing.pop()?.();
    const port = Number(new URL(url).port);
    const server = createServer((socket) =>
      socket.on("error", () => {}).on("data", () => socket.write(ANSWER)),
    );
    const refused = () => {
      unsubscribe("http.client.request.error", refused);
      void listen(server, port);
    };
    subscribe("http.client.request.error", refused);
    expect((await gateway(url)(request)).status).toBe(200);
  });
});

describe("a repeated DELETE", () => {
  const notFound =
    "HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}";

  test("names its own first attempt as a possible cause of a 404", async () => {
    let asked = 0;
    const server = createServer((socket) => {
      socket
        .on("error", () => {})
        .on("data", () => (asked++ === 0 ? socket.destroy() : socket.write(notFound)));
    });
    const response = await gateway(await listen(server))(REPEATABLE["DELETE of one"]);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining("may have deleted it") });
  });

  test("passes on the service's own 404 to its first attempt", async () => {
    const server = createServer((socket) =>
      socket.on("error", () => {}).on("data", () => socket.write(notFound)),
    );
    const response = await gateway(await listen(server))(REPEATABLE["DELETE of one"]);
    expect([response.status, await response.json()]).toEqual([404, {}]);
  });
});

test("a service that answers 503 once gets repeatable requests again, and no others", async () => {
  const refusal =
    "HTTP/1.1 503 Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}";
  for (const [requests, status] of [
    [REPEATABLE, 200],
    [ONCE, 503],
  ] as const) {
    for (const [name, request] of Object.entries(requests)) {
      let asked = 0;
      let text = "";
      const server = createServer((socket) => {
        socket
          .on("error", () => {})
          .on("data", (chunk) => {
            text += chunk;
            if (!isWhole(text)) return;
            text = "";
            socket.write(asked++ === 0 ? refusal : ANSWER);
          });
      });
      const response = await gateway(await listen(server))(request);
      expect([name, response.status]).toEqual([name, status]);
    }
  }
});

/** Serves one request on each of its connections, and closes them on command. */
const FROZEN_SERVICE = `
  const { parentPort, workerData } = require("node:worker_threads");
  const sockets = new Set();
  const server = require("node:net").createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("data", () => socket.write(workerData.answer));
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
  parentPort.on("message", (by) => {
    for (const socket of sockets) by === "rst" ? socket.resetAndDestroy() : socket.destroy();
    const over = new Int32Array(workerData.over);
    setImmediate(() => { Atomics.store(over, 0, 1); Atomics.notify(over, 0); });
  });
`;

test.each(ENDINGS)(
  "requests succeed after a Lambda was frozen while its connections ended by %s",
  async (by) => {
    for (const [name, request] of Object.entries(REPEATABLE)) {
      const over = new SharedArrayBuffer(4);
      const worker = new Worker(FROZEN_SERVICE, { eval: true, workerData: { answer: ANSWER, over } });
      closing.push(() => worker.terminate());
      const [port] = await once(worker, "message");
      const ask = gateway(`http://127.0.0.1:${port}`);
      // Two connections, so that the second attempt may meet a dead one as well.
      await Promise.all([ask(GET), ask(GET)].map(async (response) => (await response).text()));
      worker.postMessage(by);
      // This thread is blocked meanwhile, like a frozen Lambda.
      Atomics.wait(new Int32Array(over), 0, 0);
      const response = await ask(request);
      expect([name, response.status, await response.text()]).toEqual([name, 200, MOVIE]);
    }
  },
);

test("the gateway closes an idle connection before the service does", async () => {
  const server = createProblemServer(
    { siteUrl: "https://docs.example", keepAliveTimeout: 3_000 },
    (_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(MOVIE);
    },
  );
  const url = await listen(server);
  const left = once(server, "connection").then(([socket]) => once(socket as Socket, "end"));
  expect((await gateway(url)(GET)).status).toBe(200);
  // The gateway's FIN. A service that hangs up first would never see it.
  await left;
});
