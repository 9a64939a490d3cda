import { randomBytes } from "node:crypto";
import { ORDER_BYTES_MAX } from "@cloud-design/core/billing/order";
import { describe, expect, it } from "vitest";
import { type Answer, call, expectProblem, idOf, SOON, stopped, tellingOf } from "./client.ts";
import { rawBytes } from "./raw-http.ts";
import { newUserId, orderRow, ordersDatabase, untilRecorded } from "./stores.ts";
import { tokens } from "./tokens.ts";

const ORDER = { user_id: "3", number_of_items: "5", total_amount: "180" };

function post(body: unknown = ORDER, headers: Record<string, string> = {}): Promise<Answer> {
  return call("POST", "/api/billing", { body, headers });
}

function statusOf(id: string): Promise<Answer> {
  return call("GET", `/api/billing/orders/${id}`);
}

describe("an order", () => {
  it.each([
    { of: "strings", body: ORDER },
    { of: "numbers", body: { user_id: 3, number_of_items: 5, total_amount: 180 } },
  ])("of $of is accepted with 200 and stored typed", async ({ body }) => {
    const answer = await post(body);
    const id = idOf(answer);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      id,
      status: "accepted",
      user_id: 3,
      number_of_items: 5,
      total_amount: "180.00",
    });
    expect(answer.headers.get("location")).toBe(`/api/billing/orders/${id}`);
    await untilRecorded(id);
    const [row] = await ordersDatabase`
      SELECT user_id, pg_typeof(user_id)::text AS user_id_type, number_of_items,
             pg_typeof(number_of_items)::text AS number_of_items_type, total_amount,
             pg_typeof(total_amount)::text AS total_amount_type FROM orders WHERE id = ${id}`;
    expect(row).toEqual({
      user_id: 3,
      user_id_type: "integer",
      number_of_items: 5,
      number_of_items_type: "integer",
      total_amount: "180.00",
      total_amount_type: "numeric",
    });
  });

  it.each([
    ["0.1", "0.10"],
    [0.07, "0.07"],
    ["9999999999.99", "9999999999.99"],
    [9999999999.99, "9999999999.99"],
    [0, "0.00"],
  ])("of the amount %j is stored as %s to the cent", async (total_amount, stored) => {
    const id = idOf(await post({ user_id: 2_147_483_647, number_of_items: 2_147_483_647, total_amount }));
    await untilRecorded(id);
    expect(await orderRow(id)).toMatchObject({ total_amount: stored });
  });

  it("may be as large as 64 KB of JSON", async () => {
    const body = JSON.stringify(ORDER).padEnd(ORDER_BYTES_MAX);
    expect(Buffer.byteLength(body)).toBe(64 * 1024);
    const answer = await post(body);
    expect(answer.status).toBe(200);
    await untilRecorded(idOf(answer));
  });

  it("carries its caller's trace into its row", async () => {
    const traceId = randomBytes(16).toString("hex");
    const traceparent = `00-${traceId}-${randomBytes(8).toString("hex")}-01`;
    const answer = await post(ORDER, { traceparent });
    expect(answer.headers.get("traceresponse")).toMatch(new RegExp(`^00-${traceId}-`));
    await untilRecorded(idOf(answer));
    const row = await orderRow(idOf(answer));
    expect(row?.traceparent).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`));
    expect(row?.traceparent).not.toBe(traceparent);
  });

  it.each([
    ["is none", "00-xyz"],
    ["is all zeros", `00-${"0".repeat(32)}-${"0".repeat(16)}-01`],
    ["has 8 KB", "00-".padEnd(8_000, "f")],
  ])("is accepted when its traceparent %s, and begins a trace of its own", async (_, traceparent) => {
    const answer = await post(ORDER, { traceparent });
    const [, traceId = ""] = /^00-([\da-f]{32})-/.exec(answer.headers.get("traceresponse") ?? "") ?? [];
    expect(traceId).not.toMatch(/^0*$|^f{32}$/);
    await untilRecorded(idOf(answer));
    expect((await orderRow(idOf(answer)))?.traceparent).toContain(traceId);
  });

  it("is accepted at the path with a trailing slash too", async () => {
    const answer = await call("POST", "/api/billing/", { body: ORDER });
    expect(answer.status).toBe(200);
    await expect.poll(async () => (await statusOf(`${idOf(answer)}/`)).status, SOON).toBe(200);
  });

  it.each(["respond-async", "wait=5, respond-async", "Respond-Async; foo=1"])(
    "is answered with 202 when its caller prefers %j",
    async (prefer) => {
      const answer = await post(ORDER, { prefer });
      expect(answer.status).toBe(202);
      expect(answer.headers.get("preference-applied")).toBe("respond-async");
      expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(answer.headers.get("location")).toBe(`/api/billing/orders/${idOf(answer)}`);
    },
  );

  it("is answered as accepted, independent of the next bytes on its connection", async () => {
    const body = JSON.stringify({ ...ORDER, user_id: newUserId() });
    const head = ["POST /api/billing HTTP/1.1", "Host: localhost", `Content-Length: ${body.length}`];
    const token = `Authorization: Bearer ${tokens.ordinary}`;
    const lines = [...head, token, "Content-Type: application/json", "", body];
    const answer = await rawBytes(Buffer.from(`${lines.join("\r\n")}garbage\r\n\r\n`));
    expect(answer.status).toBe(200);
  });

  it("is `accepted` until its row exists, then `recorded`", async () => {
    await using bridge = await stopped("order-bridge");
    const id = idOf(await post());
    const waiting = await statusOf(id);
    expect(waiting.status).toBe(202);
    expect(waiting.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(waiting.json).toEqual({ id, status: "accepted" });

    await bridge.start();
    await untilRecorded(id);
    const recorded = await statusOf(id);
    expect(recorded.status).toBe(200);
    expect(recorded.json).toMatchObject({ id, status: "recorded", user_id: 3, total_amount: "180.00" });
  });
});

describe("the id of an order", () => {
  const unknownId = `ord_${randomBytes(30).toString("base64url")}`;

  it("looks unknown to every caller except its owner, byte for byte", async () => {
    const id = idOf(await call("POST", "/api/billing", { as: "premium", body: ORDER }));
    const unknown = await statusOf(unknownId);
    expectProblem(unknown, "not-found");
    expect(tellingOf(await statusOf(id))).toEqual(tellingOf(unknown));
    await untilRecorded(id);
    expect(tellingOf(await statusOf(id))).toEqual(tellingOf(unknown));
    expect((await call("GET", `/api/billing/orders/${id}`, { as: "premium" })).status).toBe(200);
  });

  it("looks unknown when one character of it is changed", async () => {
    const id = idOf(await post());
    const unknown = tellingOf(await statusOf(unknownId));
    for (const index of [4, 19, 20, 27, 28, 43]) {
      const other = id[index] === "A" ? "B" : "A";
      const altered = id.slice(0, index) + other + id.slice(index + 1);
      expect(tellingOf(await statusOf(altered)), altered).toEqual(unknown);
    }
  });
});
