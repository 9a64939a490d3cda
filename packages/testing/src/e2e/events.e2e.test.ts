import { ORDER_EVENTS } from "@cloud-design/core/events";
import { expect, it, vi } from "vitest";
import { call, expectProblem, idOf, SOON, stopped } from "./client.ts";
import {
  insertMovie,
  moviesDatabase,
  newUserId,
  orderRow,
  ordersDatabase,
  publishForeign,
  untilRecorded,
  withChannel,
} from "./stores.ts";

const order = (movie_id?: unknown) => ({
  user_id: newUserId(),
  number_of_items: 1,
  total_amount: "9.00",
  ...(movie_id !== undefined && { movie_id }),
});

async function place(movie_id?: unknown): Promise<string> {
  const answer = await call("POST", "/api/billing", { body: order(movie_id) });
  expect(answer.status).toBe(200);
  return idOf(answer);
}

async function timesOrdered(movie: number): Promise<number> {
  const [row] = await moviesDatabase`SELECT times_ordered FROM movies WHERE id = ${movie}`;
  return row?.times_ordered;
}

it.each([
  ["a number", (id: number) => id],
  ["a string", String],
])("an order names its movie by %s, and every answer about it does so by a number", async (_, form) => {
  const movie = await insertMovie();
  const answer = await call("POST", "/api/billing", { body: order(form(movie)) });
  expect(answer.json).toMatchObject({ status: "accepted", movie_id: movie });
  await untilRecorded(idOf(answer));
  const status = await call("GET", `/api/billing/orders/${idOf(answer)}`);
  expect(status.json).toMatchObject({ status: "recorded", movie_id: movie });
  expect(await orderRow(idOf(answer))).toMatchObject({ movie_id: String(movie) });
});

it("an order without a movie has no word about one", async () => {
  const id = await place();
  await untilRecorded(id);
  expect((await call("GET", `/api/billing/orders/${id}`)).json).not.toHaveProperty("movie_id");
});

it.each([0, -1, 1.5, 1e15, "07", "Playtime", null, [7]])(
  "an order of the movie %j is refused",
  async (movie_id) => {
    expectProblem(await call("POST", "/api/billing", { body: order(movie_id) }), "invalid-request");
  },
);

it("the movies that were ordered most come first, by the API and by bare messages alike", async () => {
  const [first, second] = [await insertMovie(), await insertMovie()];
  await moviesDatabase`UPDATE movies SET times_ordered = 1000000 WHERE id IN (${first}, ${second})`;
  for (const movie of [first, first, second]) await place(movie);
  await publishForeign(order(second));
  await publishForeign(order(String(second)));
  await expect.poll(() => timesOrdered(first), SOON).toBe(1_000_002);
  await expect.poll(() => timesOrdered(second), SOON).toBe(1_000_003);
  const page = await call("GET", "/api/movies?sort=popular&limit=1");
  expect(page.json).toMatchObject([{ id: second }]);
  const [, next = ""] = /<(.+)>; rel="next"/.exec(page.headers.get("link") ?? "") ?? [];
  expect((await call("GET", next)).json).toMatchObject([{ id: first }]);
  const cursor = new URL(next, "http://localhost").searchParams.get("cursor");
  expectProblem(await call("GET", `/api/movies?cursor=${cursor}`), "invalid-request");
});

it("orders are accepted and recorded while inventory is away, and count once it is back", async () => {
  const movie = await insertMovie();
  await using inventory = await stopped("inventory");
  const ids = [await place(movie), await place(movie)];
  for (const id of ids) await untilRecorded(id);
  await inventory.start();
  await expect.poll(() => timesOrdered(movie), SOON).toBe(2);
});

it("another system hears of a recorded order, with its trace, and of a rejected one", async () => {
  const key = crypto.randomUUID();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const heard = new Map<string, { headers: unknown; body: { type: string; order: object } }>();
  await withChannel(async (channel) => {
    const { queue } = await channel.assertQueue("", { exclusive: true });
    await channel.bindQueue(queue, ORDER_EVENTS, "order.*");
    await channel.consume(
      queue,
      (message) => {
        if (!message) return;
        const { messageId, headers } = message.properties;
        heard.set(messageId, { headers, body: JSON.parse(message.content.toString()) });
      },
      { noAck: true },
    );
    const post = (body: object) =>
      call("POST", "/api/billing", { body, headers: { "idempotency-key": key, traceparent } });
    const recorded = idOf(await post(order()));
    await untilRecorded(recorded);
    const rejected = idOf(await post(order()));
    await vi.waitFor(() => expect(heard.has(`evt_${rejected}_order.rejected`)).toBe(true), SOON);
    await vi.waitFor(() => expect(heard.has(`evt_${recorded}_order.recorded`)).toBe(true), SOON);
    const event = heard.get(`evt_${recorded}_order.recorded`);
    expect(event?.body).toMatchObject({
      type: "order.recorded",
      order: { id: recorded, total_amount: "9.00" },
    });
    expect(event?.headers).toMatchObject({
      traceparent: expect.stringContaining("4bf92f3577b34da6a3ce929d0e0e4736"),
    });
    expect(heard.get(`evt_${rejected}_order.rejected`)?.body.order).toMatchObject({
      id: rejected,
      reason: expect.stringContaining("Idempotency-Key"),
    });
  });
  await expect.poll(async () => (await ordersDatabase`SELECT 1 FROM outbox`).length, SOON).toBe(0);
});
