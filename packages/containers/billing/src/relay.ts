import { setTimeout as sleep } from "node:timers/promises";
import { startAge } from "@cloud-design/core/age";
import * as Billing from "@cloud-design/core/billing";
import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import type { Publisher } from "@cloud-design/core/broker";
import type { Database } from "@cloud-design/core/database";
import { eventProperties, ORDER_EVENTS } from "@cloud-design/core/events";
import type { Log } from "@cloud-design/core/log";
import { withDeadline } from "@cloud-design/core/retry";

/** With 250 orders each, the events of one pass are published within a second by a task of a quarter of a processor. */
const ROWS_MAX = 10;
/** The longest that an event waits here while everything works; the question costs an index look-up. */
const REST_MS = 1_000;
/** While orders wait: an event costs a process nearly half as much as its order, and the order goes first. */
const BEHIND = { rowsMax: 1, restMs: 500 };
/** While events cannot be published, the log says so this often. */
const SAY_MS = 3_000;
/** Between two looks at the age of the outbox. */
const AGE_MS = 15_000;
/** As long as a confirm takes at most; what is not published by then stays in the outbox. */
const CLOSE_SECONDS = 8;

export interface Relay {
  /** Seconds since the oldest waiting event, by the last look; undefined before the first. */
  age(): number | undefined;
  /** Publishes the events that are due, then stops. Events that cannot be published stay in the outbox for another process. */
  close(): Promise<void>;
}

/**
 * Publishes the events of the outbox for as long as it runs, each at least once. Any number of relays may run: each row
 * is taken by one. Orders go first: while they pile up, a pass takes one row, and then it rests.
 */
export function startRelay(deps: {
  database: Database;
  publisher: Publisher;
  isBehind: () => boolean;
  log: Log;
}): Relay {
  const { database, publisher, isBehind, log } = deps;
  const over = new AbortController();
  let age: number | undefined;
  /** The time since a failure was logged; undefined while everything works. */
  let failing: (() => number) | undefined;

  /** Returns how many rows were taken. */
  async function pass(rowsMax: number): Promise<number> {
    const rows = await database.run((db) => Billing.takeDue(db, rowsMax));
    const failures: unknown[] = [];
    const outcomes = await Promise.all(
      rows.map(async ({ id, events }) => {
        const results = await Promise.allSettled(events.map((due) => publish(publisher, due)));
        const refused = results.filter((result) => result.status === "rejected");
        failures.push(...refused.map(({ reason }) => reason));
        return { id, isPublished: refused.length === 0 };
      }),
    );
    const { published = [], postponed = [] } = Object.groupBy(outcomes, ({ isPublished }) =>
      isPublished ? "published" : "postponed",
    );
    const ids = (some: typeof outcomes) => some.map(({ id }) => id);
    if (published.length > 0) await database.run((db) => Billing.published(db, ids(published)));
    if (postponed.length > 0) await database.run((db) => Billing.postpone(db, ids(postponed)));
    if (failures.length > 0) throw failures[0];
    return rows.length;
  }

  async function relay(): Promise<void> {
    for (;;) {
      const rowsMax = isBehind() ? BEHIND.rowsMax : ROWS_MAX;
      const taken = await pass(rowsMax).then(
        (rows) => {
          if (rows > 0 && failing) log.info("events go out again");
          if (rows > 0) failing = undefined;
          return rows;
        },
        (err: unknown) => {
          if (!failing || failing() > SAY_MS) {
            log.warn({ err }, LOG_MESSAGES.eventsWait);
            failing = startAge();
          }
          return 0;
        },
      );
      if (over.signal.aborted && taken === 0) return;
      const restMs = isBehind() ? BEHIND.restMs : taken < rowsMax ? REST_MS : 0;
      if (restMs > 0) await sleep(restMs, undefined, { signal: over.signal }).catch(() => {});
    }
  }

  const look = async () => {
    age = await database.run(Billing.outboxAge).catch(() => age);
  };
  void look();
  const looking = setInterval(look, AGE_MS).unref();
  const relaying = relay();
  return {
    age: () => age,
    async close() {
      clearInterval(looking);
      over.abort();
      await withDeadline(relaying, CLOSE_SECONDS, "RabbitMQ or the database").catch(() => {});
      // A frozen broker answers no close.
      await withDeadline(publisher.close(), 2, "RabbitMQ").catch(() => {});
    },
  };
}

function publish(publisher: Publisher, { event, traceparent }: Billing.DueEvent): Promise<void> {
  const content = Buffer.from(JSON.stringify(event));
  return publisher.publish(ORDER_EVENTS, event.type, content, eventProperties(event, traceparent));
}
