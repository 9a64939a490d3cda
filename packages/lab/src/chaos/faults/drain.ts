import assert from "node:assert/strict";
import { BILLING_QUEUE } from "@cloud-design/core/billing/queue";
import { readyIn } from "@cloud-design/core/broker";
import { connect } from "amqplib";
import { keepPace } from "../../pace.ts";
import { type Fault, USUAL_PER_SECOND } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";

const BACKLOG = 5_000;
const CLIENTS = 16;
const ARRIVALS_PER_SECOND = 50;
/** The rate that R8 promises. */
const FASTER_TIMES = 3;

export const DRAIN: Fault = {
  name: "drain-5000",
  hypothesis: `${BACKLOG} waiting orders are recorded at least ${FASTER_TIMES} times as fast as ${ARRIVALS_PER_SECOND} a second arrive.`,
  injection: `billing is stopped until ${BACKLOG} orders wait in RabbitMQ, and starts again while ${ARRIVALS_PER_SECOND} a second arrive`,
  promises: ["R7", "R8"],
  isFast: false,
  needsUsualLoad: true,
  async inject(lab, load) {
    await lab.ops("stop", "billing");
    let started: Promise<void> | undefined;
    try {
      await pileUp(lab, load);
    } finally {
      started = lab.ops("start", "billing");
    }
    // In addition to the orders of the load.
    const arrivals = keepPace(ARRIVALS_PER_SECOND - USUAL_PER_SECOND, load.order);
    const perSecond = await drainRate(lab, load).finally(arrivals.stop);
    await started;
    assert(
      perSecond >= FASTER_TIMES * ARRIVALS_PER_SECOND,
      `R8: ${perSecond.toFixed(0)} orders a second were recorded`,
    );
    return `${perSecond.toFixed(0)} orders a second recorded`;
  },
};

async function pileUp({ broker }: Lab, load: Load): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (load.operations.length < BACKLOG) await load.order();
  });
  await Promise.all(clients);
  const connection = await connect(broker.url);
  try {
    const channel = await connection.createChannel();
    const waiting = () => readyIn(channel, BILLING_QUEUE);
    await until("the backlog is in RabbitMQ", async () => (await waiting()) >= BACKLOG);
  } finally {
    await connection.close();
  }
}

/** For the orders that are accepted by now: from the last moment without a row to the last row, in orders a second. */
async function drainRate({ sql }: Lab, load: Load): Promise<number> {
  const ids = load.operations.flatMap((operation) => operation.ids);
  const recorded = async () => {
    const [{ count }] = await sql<[{ count: number }]>`
      SELECT count(*)::int FROM orders WHERE id = ANY(${ids})`;
    return count;
  };
  const before = await recorded();
  let startedAt = performance.now();
  let endedAt = startedAt;
  await until("the backlog is recorded", async () => {
    const count = await recorded();
    endedAt = performance.now();
    if (count === before) startedAt = endedAt;
    return count === ids.length;
  });
  return ((ids.length - before) * 1_000) / (endedAt - startedAt);
}
