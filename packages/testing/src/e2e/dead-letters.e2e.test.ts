import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { BILLING_DEAD_LETTERS, mintOrderId, orderProperties, toWire } from "@cloud-design/core/billing";
import { readyIn } from "@cloud-design/core/broker";
import { LogLine } from "@cloud-design/core/log-line";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { platform, SOON } from "./client.ts";
import { newUserId, ordersDatabase, ordersOfUser, publishForeign, sqs, withChannel } from "./stores.ts";

const cli = join(import.meta.dirname, "../../../cli/src/cli.ts");
const journal = join(inject("local"), "logs/dead-letters.log");

beforeAll(async () => {
  await withChannel((channel) => channel.purgeQueue(BILLING_DEAD_LETTERS));
});

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [cli, "ops", "dlq", ...args], {
    env: { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function dlq(...args: string[]): Promise<{ code: number; said: string }> {
  const child = start(...args);
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("the command has no output");
  const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), once(child, "close")]);
  return { code, said: out + err };
}

/** The dead letters that no consumer holds. */
const deadLetters = () => withChannel((channel) => readyIn(channel, BILLING_DEAD_LETTERS));
const journalLines = () => (existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : []);
const countOrders = async (from: number, to: number) => {
  const [row] = await ordersDatabase`
    SELECT count(*)::int AS rows, count(DISTINCT user_id)::int AS users FROM orders WHERE user_id BETWEEN ${from} AND ${to}`;
  return row;
};

describe("npm run ops -- dlq", () => {
  it("shows a message that can never be recorded, and has it again as one dead letter after a replay, until it is dropped", async () => {
    const [messageId, body] = [`invoice-${newUserId()}`, '{"user_id": "3"}'];
    await publishForeign(body, { messageId });
    await expect.poll(deadLetters, SOON).toBe(1);
    const { said } = await dlq("list", "--queue", "billing");
    expect(said).toMatch(/^billing +1 +.* UTC +The message is not an order: number_of_items /m);
    expect(said).toContain(messageId);

    expect((await dlq("replay", messageId, "--why", "to see it again")).code).toBe(0);
    await expect.poll(deadLetters, SOON).toBe(1);
    const shown = (await dlq("show", messageId)).said;
    expect(shown).toMatch(/^cause +The message is not an order: number_of_items /m);
    expect(shown).toMatch(/^replayed +1 x, last .* by .+: to see it again$/m);
    expect(shown).toMatch(/^body +\{"user_id": "3"\}$/m);

    expect((await dlq("drop", "--cause", "NOT an order", "--why", "its owner knows")).code).toBe(0);
    expect(await dlq("list", "--queue", "billing")).toEqual({
      code: 0,
      said: "There are no dead letters in billing.\n",
    });
    expect(LogLine.parse(JSON.parse(journalLines().at(-1) ?? ""))).toMatchObject({
      message: "dead letter changed",
      action: "drop",
      message_id: messageId,
      why: "its owner knows",
    });
  });

  it("records 200 orders once each when their replay is killed in the middle and started again", async () => {
    const from = newUserId();
    await withChannel(async (channel) => {
      for (let userId = from; userId < from + 200; userId++) {
        const order = { userId, numberOfItems: 1, totalAmount: "1.00" };
        const id = mintOrderId(order, { secret: "a secret of thirty-two characters", owner: "ann" });
        // Every other one is bare, like a foreign client's.
        const properties = userId % 2 === 0 ? orderProperties({ id }) : { persistent: true };
        channel.publish(BILLING_DEAD_LETTERS, "", Buffer.from(JSON.stringify(toWire(order))), properties);
      }
    });
    const replayed = () => journalLines().filter((line) => line.includes("half-way")).length;
    const first = start("replay", "--all", "--queue", "billing", "--why", "half-way", "--rate", "25");
    await expect.poll(replayed, SOON).toBeGreaterThan(50);
    first.kill("SIGKILL");
    await once(first, "exit");
    expect(replayed()).toBeLessThan(200);
    // RabbitMQ has noticed the end of the killed process, and has released its messages.
    await expect.poll(deadLetters, SOON).toBeGreaterThanOrEqual(200 - replayed());

    const second = await dlq("replay", "--all", "--queue", "billing", "--why", "half-way", "--rate", "1000");
    expect(second.code).toBe(0);
    await expect.poll(() => countOrders(from, from + 199), SOON).toEqual({ rows: 200, users: 200 });
    expect(await deadLetters()).toBe(0);
    const again = await dlq("replay", "--all", "--queue", "billing", "--why", "once more");
    expect(again).toEqual({
      code: 0,
      said: expect.stringContaining("There are no dead letters in billing."),
    });
  });

  it("replays an order from the dead letters of SQS, and refuses to drop it", async () => {
    const order = { userId: newUserId(), numberOfItems: 1, totalAmount: "1.00" };
    const id = mintOrderId(order, { secret: "a secret of thirty-two characters", owner: "ann" });
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: platform.queues.deadLetters,
        MessageBody: JSON.stringify(toWire(order)),
        MessageAttributes: { order_id: { DataType: "String", StringValue: id } },
      }),
    );
    expect(await dlq("drop", id, "--queue", "orders", "--why", "away with it")).toEqual({
      code: 1,
      said: expect.stringContaining(
        `${id} was not dropped, because nothing else is left of this order: replay it`,
      ),
    });
    expect(
      (await dlq("replay", id, "--queue", "orders", "--why", "RabbitMQ is back", "--dry-run")).said,
    ).toContain("Nothing has changed. These match:");
    expect((await dlq("replay", id, "--why", "RabbitMQ is back")).code).toBe(0);
    await expect.poll(() => ordersOfUser(order.userId), SOON).toMatchObject([{ id }]);
    expect(await queueDepth(sqs, platform.queues.deadLetters)).toMatchObject({ visible: 0 });
  });
});
