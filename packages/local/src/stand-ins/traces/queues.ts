import type { AwsCall } from "@cloud-design/core/aws";
import { eachLane, LANES } from "@cloud-design/core/billing/lanes";
import { BILLING_DEAD_LETTERS } from "@cloud-design/core/billing/queue";
import { readyIn } from "@cloud-design/core/broker";
import { withDeadline } from "@cloud-design/core/retry";
import { askDepth } from "@cloud-design/functions/shared/ask-depth";
import type { LaneUrls } from "@cloud-design/functions/shared/lane-urls";
import type { QueueGauge } from "@cloud-design/traces/store/depths";
import { type Channel, type ChannelModel, connect } from "amqplib";

/** Both answer within milliseconds when they are healthy; a whole reading is due each second. */
const ANSWER_SECONDS = 1;

/** How many messages are in each queue, as SQS and RabbitMQ themselves report. */
export function openQueueGauge(options: {
  sqs: AwsCall;
  ordersUrls: LaneUrls;
  deadLettersUrl: string;
  amqpUrl: string;
  /** Where each process of billing reports the orders that it holds. */
  billingMetricsUrls: readonly string[];
}): QueueGauge {
  const { sqs, ordersUrls, deadLettersUrl, amqpUrl, billingMetricsUrls } = options;
  const broker = openBroker(amqpUrl);
  const orNull = <T>(depth: Promise<T>) => withDeadline(depth, ANSWER_SECONDS, "The queue").catch(() => null);
  return {
    async read() {
      const [orders, ordersDead, billing, held, billingDead] = await Promise.all([
        orNull(eachLane((lane) => depthInSqs(sqs, ordersUrls[lane]))),
        orNull(depthInSqs(sqs, deadLettersUrl)),
        orNull(eachLane((lane) => broker.depth(LANES[lane].queue))),
        Promise.all(billingMetricsUrls.map((url) => orNull(heldByBilling(url)))),
        orNull(broker.depth(BILLING_DEAD_LETTERS)),
      ]);
      // Until it is recorded, an order that billing holds belongs to RabbitMQ's queue, but RabbitMQ does not count it as ready.
      const inBilling = billing && sum([...Object.values(billing), ...held.map((count) => count ?? 0)]);
      return {
        orders: orders && sum(Object.values(orders)),
        ordersDead,
        billing: inBilling,
        billingDead,
        lanes: { orders, billing },
      };
    },
    async close() {
      await broker.close();
    },
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Includes messages in flight: an order that waits for a retry is invisible there. */
async function depthInSqs(sqs: AwsCall, url: string): Promise<number> {
  const { visible, inFlight } = await askDepth((input) => sqs("GetQueueAttributes", input), url);
  return visible + inFlight;
}

/** Reads one process's metrics for Prometheus. */
async function heldByBilling(metricsUrl: string): Promise<number> {
  const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(ANSWER_SECONDS * 1_000) });
  const [, held] = /^orders_held(?:\{.*\})? (\d+)/m.exec(await answer.text()) ?? [];
  return Number(held ?? 0);
}

/** Keeps one connection as long as it lasts, because RabbitMQ logs each new one. */
function openBroker(url: string) {
  let current: Promise<{ connection: ChannelModel; channel: Channel }> | undefined;
  const forget = () => {
    current = undefined;
  };
  const open = async () => {
    const connection = await connect(url, {
      timeout: ANSWER_SECONDS * 1_000,
      clientProperties: { connection_name: "live view" },
    });
    connection.on("error", () => {}).on("close", forget);
    const channel = await connection.createChannel();
    // An unknown queue closes the channel, which cannot be used after that.
    channel.on("error", () => {}).on("close", () => void connection.close().catch(() => {}));
    return { connection, channel };
  };
  return {
    async depth(queue: string): Promise<number> {
      current ??= open();
      current.catch(forget);
      const { channel } = await current;
      return readyIn(channel, queue);
    },
    async close() {
      const { connection } = (await current?.catch(() => undefined)) ?? {};
      await connection?.close().catch(() => {});
    },
  };
}
