/** The way of an order from SQS to its row, as the template limits and scales it. Rates are orders a second. */
export interface OrderWay {
  bridgePerSecond: number;
  /** RabbitMQ takes no more than this; the rest stays in SQS. */
  rabbitmqMax: number;
  taskPerSecond: number;
  min: number;
  max: number;
  /** Billing's policy: the backlog for each task, and the queues in which it is counted. */
  target: number;
  queues: readonly ("sqs" | "rabbitmq")[];
}

export interface OrderSecond {
  /** Orders that wait in each queue at the end of the second. */
  sqs: number;
  rabbitmq: number;
  tasks: number;
}

/** Target tracking as in `target-tracking.ts`: three minutes over the target, then a minute of start. */
const PERIODS = 3;
const START_SECONDS = 60;

/** The queues and tasks second by second, from empty queues and the fewest tasks. Scaling in is left out. */
export function simulateOrders(way: OrderWay, arrivalsPerSecond: readonly number[]): OrderSecond[] {
  const { bridgePerSecond, rabbitmqMax, taskPerSecond, min, max, target, queues } = way;
  const passed: OrderSecond[] = [];
  const perTask: number[] = [];
  let [desired, runsFrom] = [min, 0];
  let now: OrderSecond = { sqs: 0, rabbitmq: 0, tasks: min };
  for (const [second, arrivals] of arrivalsPerSecond.entries()) {
    const tasks = second >= runsFrom ? desired : now.tasks;
    const bridged = Math.min(now.sqs + arrivals, bridgePerSecond, rabbitmqMax - now.rabbitmq);
    const recorded = Math.min(now.rabbitmq + bridged, tasks * taskPerSecond);
    now = { sqs: now.sqs + arrivals - bridged, rabbitmq: now.rabbitmq + bridged - recorded, tasks };
    passed.push(now);
    if (passed.length % 60 > 0) continue;
    const minute = passed.slice(-60);
    const backlog = minute.reduce((sum, each) => sum + queues.reduce((all, name) => all + each[name], 0), 0);
    perTask.push(backlog / 60 / tasks);
    const latest = perTask.slice(-PERIODS);
    const wanted = Math.min(max, Math.ceil((tasks * (latest.at(-1) ?? 0)) / target));
    if (latest.length < PERIODS || latest.some((value) => value <= target) || wanted <= desired) continue;
    [desired, runsFrom] = [wanted, second + 1 + START_SECONDS];
  }
  return passed;
}
