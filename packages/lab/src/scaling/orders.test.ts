import { expect, test } from "vitest";
import { type OrderWay, simulateOrders } from "./orders.ts";

const WAY: OrderWay = {
  bridgePerSecond: 400,
  rabbitmqMax: 100_000,
  taskPerSecond: 100,
  min: 2,
  max: 6,
  target: 5_000,
  queues: ["sqs", "rabbitmq"],
};
const during = (seconds: number, perSecond: number) => Array<number>(seconds).fill(perSecond);

test("what the bridge does not take waits in SQS, and what billing does not record in RabbitMQ", () => {
  const [first, second] = simulateOrders(WAY, [1_000, 100]);
  expect(first).toEqual({ sqs: 600, rabbitmq: 200, tasks: 2 });
  expect(second).toEqual({ sqs: 300, rabbitmq: 400, tasks: 2 });
});

test("a full RabbitMQ takes only what billing has recorded", () => {
  const full = { ...WAY, rabbitmqMax: 300 };
  expect(simulateOrders(full, during(3, 1_000)).map(({ rabbitmq }) => rabbitmq)).toEqual([100, 100, 100]);
});

test("billing grows after three minutes over its target and a minute of start", () => {
  const passed = simulateOrders(WAY, during(300, 1_000));
  expect(passed[239]?.tasks).toBe(2);
  expect(passed[240]?.tasks).toBe(6);
});

test("a backlog in a queue that is not counted starts no task", () => {
  const strong = { ...WAY, taskPerSecond: 1_000 };
  expect(simulateOrders({ ...strong, queues: ["rabbitmq"] }, during(600, 1_000)).at(-1)?.tasks).toBe(2);
  expect(simulateOrders(strong, during(600, 1_000)).at(-1)?.tasks).toBe(6);
});

test("every order is recorded in the end", () => {
  const passed = simulateOrders(WAY, [...during(30, 1_000), ...during(600, 0)]);
  expect(passed.at(-1)).toMatchObject({ sqs: 0, rabbitmq: 0 });
  const waiting = passed.map(({ sqs, rabbitmq }) => sqs + rabbitmq);
  const recorded = waiting.map(
    (left, second) => (waiting[second - 1] ?? 0) + (second < 30 ? 1_000 : 0) - left,
  );
  expect(recorded.reduce((sum, each) => sum + each, 0)).toBe(30_000);
});
