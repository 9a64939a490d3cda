import assert from "node:assert/strict";
import { ORDER_EVENTS } from "@cloud-design/core/events";
import { connect } from "amqplib";
import postgres from "postgres";
import { paused } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";

const ORDERS = 200;

export const EVENT_FAULTS: readonly Fault[] = [
  {
    name: "events-doubled-and-cut",
    hypothesis:
      "Each recorded order counts once for its movie, whatever becomes of inventory, the relay and the exchange.",
    injection: `inventory is stopped while ${ORDERS} orders name a movie; RabbitMQ is frozen until the relay waits for its confirm, and the outbox locked until the confirm has come; kill -9 of billing; the exchange is deleted and declared anew; inventory starts`,
    promises: ["R5"],
    isFast: true,
    needsUsualLoad: true,
    mayRefuse: { reads: true },
    recoverySecondsMax: 30,
    inject: countOnce,
  },
];

/** The events that another system hears on a queue of its own, until the exchange is deleted. */
async function eavesdrop({ broker }: Lab) {
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  await channel.assertExchange(ORDER_EVENTS, "topic", { durable: true });
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, ORDER_EVENTS, "order.*");
  const ids: unknown[] = [];
  await channel.consume(queue, (message) => ids.push(message?.properties.messageId), { noAck: true });
  return { channel, ids, [Symbol.asyncDispose]: () => connection.close() };
}

async function countOnce(lab: Lab, load: Load): Promise<string> {
  const movies = postgres(lab.moviesAdminUrl, { max: 1, onnotice: () => {} });
  try {
    const [movie] = await movies`INSERT INTO movies (title, description) VALUES ('Events', '') RETURNING id`;
    await using other = await eavesdrop(lab);
    await lab.ops("stop", "inventory");
    try {
      const placing = Promise.all(
        Array.from({ length: ORDERS }, () => load.order({ movie_id: Number(movie?.id) })),
      );
      await killRelayBeforeNote(lab);
      await placing;
      await untilPublished(lab);
      await other.channel.deleteExchange(ORDER_EVENTS);
    } finally {
      await lab.ops("start", "inventory");
    }
    const doubled = other.ids.length - new Set(other.ids).size;
    assert.ok(doubled > 0, "no event came twice: the relay was not killed between its confirm and its note");
    const recorded = async () =>
      (await lab.sql`SELECT 1 FROM orders WHERE movie_id = ${Number(movie?.id)}`).length;
    await until("the movie has counted each of its orders", async () => {
      const [{ times } = { times: 0 }] =
        await movies`SELECT times_ordered AS times FROM movies WHERE id = ${movie?.id}`;
      return times >= ORDERS && times === (await recorded());
    });
    await untilPublished(lab);
    assert.equal(await recorded(), ORDERS);
    return `${ORDERS} orders counted as ${ORDERS}, and ${doubled} events came twice`;
  } finally {
    await movies.end();
  }
}

/** Tries until the outbox is locked at a moment when a relay has published a row and not yet noted it. */
async function killRelayBeforeNote(lab: Lab): Promise<void> {
  let isKilled = false;
  await until("the relay is killed between its confirm and its note", async () => {
    const broker = paused(lab, lab.broker);
    try {
      await until(
        "a relay waits for a confirm",
        () => hasRows(lab.sql`SELECT 1 FROM outbox WHERE due_at > now()`),
        3,
      );
      await lab.sql.begin(async (lock) => {
        await lock`LOCK TABLE outbox IN EXCLUSIVE MODE`;
        broker[Symbol.dispose]();
        const noting = () =>
          hasRows(lab.sql`
          SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'delete from "outbox"%'`);
        await until("the relay's note waits for the lock", noting, 1.5);
        await lab.kill("billing");
        isKilled = true;
      });
    } catch (error) {
      if (isKilled) throw error;
    } finally {
      broker[Symbol.dispose]();
    }
    return isKilled;
  });
  // The lease of the dead relay passes.
  await lab.sql`UPDATE outbox SET due_at = now() WHERE attempts > 0`;
}

async function hasRows(query: PromiseLike<readonly unknown[]>): Promise<boolean> {
  return (await query).length > 0;
}

function untilPublished(lab: Lab): Promise<void> {
  return until("the outbox is empty", async () => (await lab.sql`SELECT 1 FROM outbox`).length === 0);
}
