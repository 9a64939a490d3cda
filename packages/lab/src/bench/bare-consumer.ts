// `node bare-consumer.ts`: takes orders from the queue and stores them. Nothing is checked, traced, logged or laid aside.
import { IN_FLIGHT_MAX } from "@cloud-design/containers/limits";
import { BILLING_QUEUE } from "@cloud-design/core/billing/queue";
import { type ConsumeMessage, connect } from "amqplib";
import postgres from "postgres";

const sql = postgres(process.env.DATABASE_URL ?? "", { max: 2 });
const channel = await (await connect(process.env.AMQP_URL ?? "")).createChannel();
let waiting: ConsumeMessage[] = [];
let isStoring = false;

async function store(): Promise<void> {
  isStoring = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const orders = batch.map(({ content, properties }) => ({
      ...JSON.parse(content.toString()),
      id: properties.messageId,
    }));
    await sql`
      INSERT INTO orders (id, user_id, number_of_items, total_amount)
      SELECT * FROM unnest(
        ${orders.map(({ id }) => id)}::text[], ${orders.map(({ user_id }) => user_id)}::int[],
        ${orders.map(({ number_of_items }) => number_of_items)}::int[],
        ${orders.map(({ total_amount }) => total_amount)}::numeric[])
      ON CONFLICT DO NOTHING`;
    const last = batch.at(-1);
    if (last) channel.ack(last, true);
  }
  isStoring = false;
}

await channel.prefetch(IN_FLIGHT_MAX);
await channel.consume(BILLING_QUEUE, (message) => {
  if (message) waiting.push(message);
  if (!isStoring) setImmediate(() => void (isStoring || store()));
});
