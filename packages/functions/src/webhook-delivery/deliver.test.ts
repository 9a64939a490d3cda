import { createLog } from "@cloud-design/core/log";
import { ATTEMPTS_MAX, Delivery } from "@cloud-design/core/webhooks/delivery";
import { secretOf } from "@cloud-design/core/webhooks/signature";
import type { SQSEvent } from "aws-lambda";
import { Webhook as Verifier } from "standardwebhooks";
import { expect, test, vi } from "vitest";
import { type DeliveryDependencies, deliverAll } from "./deliver.ts";
import type { Post, SendPost } from "./post.ts";

const SECRET = "a secret of thirty-two characters";

const delivery = (given: Partial<Delivery> = {}): Delivery => ({
  webhook: "whk_1",
  url: "https://shop.example/events",
  id: "evt_ord_1_order.recorded",
  body: '{"type":"order.recorded"}',
  attempt: 1,
  waitSeconds: 0,
  ...given,
});

const batch = (...bodies: unknown[]) =>
  ({
    Records: bodies.map((body, id) => ({ messageId: String(id), body: JSON.stringify(body) })),
  }) as SQSEvent;

async function run(event: SQSEvent, sendPost: SendPost, given: Partial<DeliveryDependencies> = {}) {
  const later: { MessageBody: string; DelaySeconds: number }[] = [];
  const letters: { MessageBody: string; reason: string }[] = [];
  const { batchItemFailures } = await deliverAll(event, {
    secret: SECRET,
    sendPost,
    retryLater: async (message) => later.push(message),
    layAside: async (letter) => letters.push(letter),
    log: createLog("test"),
    ...given,
  });
  return { later, letters, failures: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

test("a delivery is signed with the secret of its webhook", async () => {
  const posts: Post[] = [];
  const { later, failures } = await run(batch(delivery()), async (post) => {
    posts.push(post);
    return 204;
  });
  expect([later, failures]).toEqual([[], []]);
  const [post] = posts;
  const verifier = new Verifier(secretOf("whk_1", SECRET));
  expect(verifier.verify(post?.body ?? "", { ...post?.headers })).toEqual({ type: "order.recorded" });
  expect(post?.headers["webhook-id"]).toBe("evt_ord_1_order.recorded");
});

test.each<[string, SendPost]>([
  ["HTTP 500", () => Promise.resolve(500)],
  ["HTTP 301", () => Promise.resolve(301)],
  ["HTTP 404", () => Promise.resolve(404)],
  ["no connection", () => Promise.reject(new Error("connect ECONNREFUSED"))],
])("%s: the next attempt waits in the queue of retries", async (_, sendPost) => {
  const { later, letters, failures } = await run(batch(delivery()), sendPost);
  expect(later.map(({ DelaySeconds }) => DelaySeconds)).toEqual([5]);
  expect(Delivery.parse(JSON.parse(later[0]?.MessageBody ?? ""))).toEqual(delivery({ attempt: 2 }));
  expect([letters, failures]).toEqual([[], []]);
});

test("after the last attempt it is laid aside with the reason, ready to begin anew", async () => {
  const last = delivery({ attempt: ATTEMPTS_MAX });
  const { later, letters, failures } = await run(batch(last), async () => 503);
  expect([later, failures]).toEqual([[], []]);
  expect(letters).toEqual([
    { MessageBody: JSON.stringify(delivery()), reason: "8 attempts failed, the last one with: HTTP 503" },
  ]);
});

test.each([
  [new AggregateError([new Error("connect ECONNREFUSED 127.0.0.1:1")]), "AggregateError"],
  [Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
  [new Error("x".repeat(100_000)), "x".repeat(200)],
])("the reason is short and never empty (%#)", async (error, reason) => {
  const last = delivery({ attempt: ATTEMPTS_MAX });
  const { letters } = await run(batch(last), () => Promise.reject(error));
  expect(letters[0]?.reason).toBe(`8 attempts failed, the last one with: ${reason}`);
});

test("the log does not quote a malformed message", async () => {
  const error = vi.fn();
  const event = { Records: [{ messageId: "1", body: "a secret" }] } as SQSEvent;
  const { failures } = await run(event, async () => 200, { log: { ...createLog("test"), error } });
  expect(failures).toEqual(["1"]);
  expect(error.mock.calls[0]?.[0].err.message).not.toContain("secret");
});

test.each([1, ATTEMPTS_MAX])(
  "HTTP 410 in attempt %i: no other attempt, and no dead letter",
  async (attempt) => {
    const { later, letters, failures } = await run(batch(delivery({ attempt })), async () => 410);
    expect([later, letters, failures]).toEqual([[], [], []]);
  },
);

test("a silent receiver does not keep the other deliveries of its batch waiting", async () => {
  const answered: string[] = [];
  const silent = Promise.withResolvers<number>();
  const running = run(
    batch(delivery({ url: "https://silent.example" }), delivery(), delivery()),
    ({ url }) => {
      if (url.includes("silent")) return silent.promise;
      answered.push(url);
      if (answered.length === 2) silent.resolve(204);
      return Promise.resolve(204);
    },
  );
  expect((await running).failures).toEqual([]);
  expect(answered).toHaveLength(2);
});

test("a delivery comes again from SQS only if no queue takes its next attempt, or if it is malformed", async () => {
  const retryLater = () => Promise.reject(new Error("SQS is away"));
  const event = batch(delivery(), delivery({ url: "https://good.example" }), { no: "delivery" });
  const { failures } = await run(event, async ({ url }) => (url.includes("good") ? 200 : 500), {
    retryLater,
  });
  expect(failures).toEqual(["0", "2"]);
});
