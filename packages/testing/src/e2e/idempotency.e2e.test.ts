import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Answer, call, expectProblem, idOf, SOON, titlesIn } from "./client.ts";
import { newUserId, orderRow, ordersOfUser, untilRecorded, untilSettled } from "./stores.ts";

const ORDER = { user_id: "3", number_of_items: "5", total_amount: "180" };

function post(body: unknown = ORDER, headers: Record<string, string> = {}): Promise<Answer> {
  return call("POST", "/api/billing", { body, headers });
}

function statusOf(id: string): Promise<Answer> {
  return call("GET", `/api/billing/orders/${id}`);
}

async function titles(query: string): Promise<string[]> {
  return titlesIn(await call("GET", `/api/movies?${query}`));
}

describe("an order's Idempotency-Key", () => {
  it("records one order out of twenty requests at once, and answers each the same", async () => {
    const body = { ...ORDER, user_id: newUserId() };
    const headers = { "idempotency-key": randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body, headers)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    await untilSettled();
    expect(await ordersOfUser(body.user_id)).toHaveLength(1);
  });

  it("is the same key with quotes and without, for strings and for numbers", async () => {
    const key = randomUUID();
    const bare = await post(ORDER, { "idempotency-key": key });
    const numbers = { user_id: 3, number_of_items: 5, total_amount: 180 };
    const quoted = await post(numbers, { "idempotency-key": `"${key}"` });
    expect(idOf(quoted)).toBe(idOf(bare));
  });

  it("lets a second, different order be rejected with its reason", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const first = idOf(await post(ORDER, headers));
    await untilRecorded(first);
    const second = idOf(await post({ ...ORDER, number_of_items: 6 }, headers));
    await expect
      .poll(async () => (await statusOf(second)).json, SOON)
      .toMatchObject({
        id: second,
        status: "rejected",
        reason: expect.stringContaining("Idempotency-Key"),
      });
    expect((await statusOf(second)).status).toBe(200);
    expect(await orderRow(second)).toBeUndefined();
    expect(await orderRow(first)).toMatchObject({ number_of_items: 5 });
  });

  it("belongs to its caller: the same key of another caller is another order", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const own = idOf(await post(ORDER, headers));
    const other = idOf(await call("POST", "/api/billing", { as: "premium", body: ORDER, headers }));
    expect(other).not.toBe(own);
    await untilRecorded(own);
    await untilRecorded(other);
  });

  it("has up to 255 characters", async () => {
    const key = randomUUID().padEnd(255, "k");
    expect((await post(ORDER, { "idempotency-key": key })).status).toBe(200);
    expectProblem(await post(ORDER, { "idempotency-key": `${key}k` }), "invalid-request");
  });
});

describe("a movie's Idempotency-Key", () => {
  const postMovie = (title: string, key: string, as: "ordinary" | "premium" = "ordinary") =>
    call("POST", "/api/movies", {
      as,
      body: { title, description: "" },
      headers: { "idempotency-key": key },
    });

  it("creates one movie out of twenty requests at once, and answers each the same", async () => {
    const [title, key] = [randomUUID(), randomUUID()];
    const answers = await Promise.all(Array.from({ length: 20 }, () => postMovie(title, key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(new Set(answers.map(({ headers }) => headers.get("location"))).size).toBe(1);
    expect(await titles(`title=${title}`)).toEqual([title]);
  });

  it("is the same key with quotes and without", async () => {
    const [title, key] = [randomUUID(), randomUUID()];
    const [bare, quoted] = [await postMovie(title, key), await postMovie(title, `"${key}"`)];
    expect(quoted.text).toBe(bare.text);
    expect(await titles(`title=${title}`)).toHaveLength(1);
  });

  it("is refused with another body, and leaves the first movie alone", async () => {
    const [title, key] = [randomUUID(), randomUUID()];
    const id = idOf(await postMovie(title, key));
    expectProblem(await postMovie(`${title} other`, key), "key-reused");
    expect(await titles(`title=${title}`)).toEqual([title]);
    expect((await call("GET", `/api/movies/${id}`)).json).toMatchObject({ title });
  });

  it("belongs to its caller: the same key of another caller is another request", async () => {
    const [title, key] = [randomUUID(), randomUUID()];
    const [own, other] = [await postMovie(title, key), await postMovie(`${title} other`, key, "premium")];
    expect(own.status).toBe(200);
    expect(other.status).toBe(200);
    expect(idOf(other)).not.toBe(idOf(own));
  });

  it("does not bring a deleted movie back", async () => {
    const [title, key] = [randomUUID(), randomUUID()];
    const created = await postMovie(title, key);
    await call("DELETE", `/api/movies/${idOf(created)}`);
    const replayed = await postMovie(title, key);
    expect(replayed.text).toBe(created.text);
    expectProblem(await call("GET", `/api/movies/${idOf(created)}`), "not-found");
    expect(await titles(`title=${title}`)).toEqual([]);
  });

  it("has up to 255 characters", async () => {
    const key = randomUUID().padEnd(255, "k");
    expect((await postMovie("Longest key", key)).status).toBe(200);
    expectProblem(await postMovie("Too long a key", `${key}k`), "invalid-request");
  });
});
