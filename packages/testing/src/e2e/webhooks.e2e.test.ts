import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CLIENT_DIRECTORY } from "@cloud-design/contract/document";
import { freePort } from "@cloud-design/local/servers/free-port";
import { Webhook as Verifier } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, call, expectProblem, fieldsOf, idOf, SOON, tellingOf } from "./client.ts";
import { moviesDatabase, untilRecorded } from "./stores.ts";
import type { tokens } from "./tokens.ts";

const ORDER = { user_id: 3, number_of_items: 5, total_amount: 180 };
const EVENTS = ["order.recorded", "order.rejected"];

interface Heard {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver that answers with these statuses, and then with 204. */
async function openReceiver(...statuses: number[]) {
  const heard: Heard[] = [];
  const server: Server = createServer(async (request, response) => {
    heard.push({ headers: request.headers, body: await text(request) });
    response.writeHead(statuses.shift() ?? 204).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  receivers.push(server);
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events` };
}

const receivers: Server[] = [];
const clear = () => moviesDatabase`TRUNCATE webhooks`;
beforeEach(clear);
afterEach(async () => {
  for (const receiver of receivers.splice(0)) receiver.close().closeAllConnections();
  await clear();
});

type User = keyof typeof tokens;

async function createWebhook(url: string, as: User = "ordinary", events = EVENTS) {
  const answer = await call("POST", "/api/webhooks", { as, body: { url, events } });
  expect(answer.status, answer.text).toBe(200);
  const { secret } = Object(answer.json) as { secret: string };
  return { id: idOf(answer), secret, answer };
}

async function placeOrder(as: User = "ordinary"): Promise<string> {
  const id = idOf(await call("POST", "/api/billing", { as, body: ORDER }));
  await untilRecorded(id);
  return id;
}

describe("a delivery", () => {
  it("of an own order arrives signed after an attempt that failed, and another caller's webhook gets nothing", async () => {
    const [own, other] = [await openReceiver(503), await openReceiver()];
    const { secret } = await createWebhook(own.url);
    const others = await createWebhook(other.url, "premium");
    const id = await placeOrder();
    await vi.waitFor(() => expect(own.heard).toHaveLength(2), SOON);

    const event = {
      type: "order.recorded",
      data: { id, user_id: 3, number_of_items: 5, total_amount: "180.00" },
    };
    for (const { headers, body } of own.heard) {
      expect(headers["webhook-id"]).toBe(`evt_${id}_order.recorded`);
      const signed = headers as Record<string, string>;
      expect(new Verifier(secret).verify(body, signed)).toMatchObject(event);
      expect(Object.keys(JSON.parse(body).data)).toEqual(Object.keys(event.data));
      expect(() => new Verifier(others.secret).verify(body, signed)).toThrow("No matching signature");
    }

    // The other one is told of its owner's order alone.
    const theirs = await placeOrder("premium");
    await vi.waitFor(() => expect(other.heard).toHaveLength(1), SOON);
    expect(other.heard[0]?.body).toContain(theirs);
    expect(own.heard).toHaveLength(2);
  });

  it("tells of a rejected order with its reason, and only of the events that were asked for", async () => {
    const [rejections, records] = [await openReceiver(), await openReceiver()];
    await createWebhook(rejections.url, "ordinary", ["order.rejected"]);
    await createWebhook(records.url, "ordinary", ["order.recorded"]);
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = idOf(await call("POST", "/api/billing", { body: ORDER, headers }));
    await untilRecorded(first);
    const other = idOf(
      await call("POST", "/api/billing", { body: { ...ORDER, number_of_items: 6 }, headers }),
    );
    await vi.waitFor(() => expect(rejections.heard).toHaveLength(1), SOON);
    expect(JSON.parse(rejections.heard[0]?.body ?? "")).toMatchObject({
      type: "order.rejected",
      data: { id: other, reason: expect.stringContaining("Idempotency-Key") },
    });
    expect(records.heard.map(({ body }) => JSON.parse(body).data.id)).toEqual([first]);
  });

  it("of a deleted webhook is dropped, although an attempt of it waits", async () => {
    const [gone, kept] = [await openReceiver(503), await openReceiver(503)];
    const { id } = await createWebhook(gone.url);
    await createWebhook(kept.url);
    await placeOrder();
    await vi.waitFor(() => expect(gone.heard).toHaveLength(1), SOON);
    await call("DELETE", `/api/webhooks/${id}`);
    // The attempts of both failed at the same time and wait equally long.
    await vi.waitFor(() => expect(kept.heard).toHaveLength(2), SOON);
    await placeOrder();
    await vi.waitFor(() => expect(kept.heard).toHaveLength(3), SOON);
    expect(gone.heard).toHaveLength(1);
  });

  it("is verified by the receiver of the documentation, which refuses what others send", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const { secret } = await createWebhook(url);
    const file = join(CLIENT_DIRECTORY, "receiver.ts");
    const env = { ...process.env, SECRET: secret, PORT: String(port) };
    const receiver = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    receiver.stdout.setEncoding("utf8").on("data", (chunk) => {
      said += chunk;
    });
    try {
      await vi.waitFor(() => expect(said).toContain("listens"), SOON);
      const forged = { "webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA" };
      expect((await fetch(url, { method: "POST", headers: forged, body: "{}" })).status).toBe(401);
      const id = await placeOrder();
      await vi.waitFor(() => expect(said).toContain(`evt_${id}_order.recorded`), SOON);
      expect(said).not.toContain("evt_1 ");
    } finally {
      receiver.kill();
    }
  });

  it("to a silent receiver holds up no other", async () => {
    let asked = 0;
    const silent = createServer(() => {
      asked++;
    }).listen(0, "127.0.0.1");
    receivers.push(silent);
    await once(silent, "listening");
    for (let count = 0; count < 9; count++)
      await createWebhook(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`);
    const quick = await openReceiver();
    await createWebhook(quick.url);
    for (let count = 0; count < 5; count++) void call("POST", "/api/billing", { body: ORDER });
    // One after the other, the silent one's 45 deliveries would take 225 s.
    await vi.waitFor(() => expect(quick.heard).toHaveLength(5), SOON);
    expect(asked).toBeGreaterThan(0);
  });
});

describe("a webhook", () => {
  it("is listed and read without its secret, and deleted, by its owner alone", async () => {
    const { id, secret, answer } = await createWebhook("https://shop.example/events");
    const { secret: _, ...webhook } = Object(answer.json);
    expect(secret).toMatch(/^whsec_/);
    expect(answer.headers.get("location")).toBe(`/api/webhooks/${id}`);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await call("GET", "/api/webhooks")).json).toEqual([webhook]);
    expect((await call("GET", `/api/webhooks/${id}`)).json).toEqual(webhook);

    const unknown = "/api/webhooks/whk_AAAAAAAAAAAAAAAAAAAA";
    expect((await call("GET", "/api/webhooks", { as: "premium" })).json).toEqual([]);
    for (const method of ["GET", "HEAD", "DELETE"]) {
      for (const as of ["premium", "admin", "machine"] as const)
        expect(tellingOf(await call(method, `/api/webhooks/${id}`, { as }))).toEqual(
          tellingOf(await call(method, unknown, { as })),
        );
    }
    expect((await call("DELETE", `/api/webhooks/${id}`)).json).toEqual(webhook);
    expectProblem(await call("DELETE", `/api/webhooks/${id}`), "not-found");
  });

  it.each([
    ["https://127.0.0.1/", "public address"],
    ["https://0x7f.1/", "public address"],
    ["https://[::ffff:10.0.0.1]/", "an IPv4 address"],
    ["https://169.254.169.254/latest/meta-data/", "public address"],
    ["http://shop.example/", "https"],
    ["https://ann:secret@shop.example/", "user name"],
    ["ftp://shop.example/", "address of a receiver"],
    ["shop", "address of a receiver"],
    [`https://shop.example/${"x".repeat(2_000)}`, "2000 characters"],
  ])("is refused with the address %s", async (url, reason) => {
    const answer = await call("POST", "/api/webhooks", { body: { url, events: EVENTS } });
    expectProblem(answer, "invalid-request");
    expect(fieldsOf(answer)).toEqual(["/url"]);
    expect(answer.text).toContain(reason);
  });

  it.each([[[]], [["order.lost"]], [["order.recorded", "order.recorded"]], ["order.recorded"]])(
    "is refused with the events %j",
    async (events) => {
      const body = { url: "https://shop.example/", events };
      const answer: Answer = await call("POST", "/api/webhooks", { body });
      expectProblem(answer, "invalid-request");
    },
  );

  it("beyond the tenth of a caller is refused, and another caller has ten of their own", async () => {
    const body = { url: "https://shop.example/", events: EVENTS };
    const answers = await Promise.all(
      Array.from({ length: 15 }, () => call("POST", "/api/webhooks", { body })),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(5);
    for (const answer of refused) expectProblem(answer, "invalid-request");
    await createWebhook(body.url, "premium");
  });
});
