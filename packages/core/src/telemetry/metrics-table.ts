/** The single list of metrics: the code, the documentation, the dashboards and the price list read it. */
export interface MetricDefinition {
  kind: "counter" | "histogram" | "gauge";
  /** In the notation of OpenTelemetry (UCUM). */
  unit: string;
  description: string;
  /** The processes that report it. */
  by: readonly string[];
  /**
   * Whether it is sent to CloudWatch, at $0.30 a month for each reporting process. Metrics that AWS measures itself are
   * not sent.
   */
  isOnAws: boolean;
  /** Upper bounds of a histogram's buckets. */
  bounds?: readonly number[];
}

const SERVICES = ["inventory", "billing"] as const;
const ALL = ["gateway", "order-bridge", "inventory", "billing", "status-probe"] as const;

/** From a fast answer to the longest one allowed (R6). */
const ANSWER_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Around the 5 s within which an order is promised to be recorded, and up to an outage of an hour. */
const WAIT_BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600];

export const METRICS = {
  "http.server.request.duration": {
    kind: "histogram",
    unit: "s",
    description: "Duration of a request, by method, route and status.",
    by: ["gateway", ...SERVICES],
    isOnAws: false,
    bounds: ANSWER_BOUNDS,
  },
  "db.client.operation.duration": {
    kind: "histogram",
    unit: "s",
    description: "Duration of a database operation, by outcome.",
    by: SERVICES,
    isOnAws: false,
    bounds: ANSWER_BOUNDS,
  },
  "database.pool.in_use": {
    kind: "gauge",
    unit: "{operation}",
    description: "Operations that hold a connection or wait for one.",
    by: SERVICES,
    isOnAws: true,
  },
  "database.pool.discarded": {
    kind: "counter",
    unit: "{pool}",
    description: "Pools that were discarded: silent, read-only, or with an old password.",
    by: SERVICES,
    isOnAws: true,
  },
  "requests.shed": {
    kind: "counter",
    unit: "{request}",
    description:
      "Requests refused because too many waited for the database, or because their wait took too long.",
    by: SERVICES,
    isOnAws: true,
  },
  "orders.accepted": {
    kind: "counter",
    unit: "{order}",
    description: "Orders that SQS has stored and whose acceptance was answered.",
    by: ["gateway"],
    isOnAws: true,
  },
  "orders.handed_over": {
    kind: "counter",
    unit: "{order}",
    description: "Orders that RabbitMQ has confirmed.",
    by: ["order-bridge"],
    isOnAws: false,
  },
  "orders.held_back": {
    kind: "counter",
    unit: "{order}",
    description: "Failed attempts to pass an order to RabbitMQ; the order stays in SQS.",
    by: ["order-bridge"],
    isOnAws: false,
  },
  "orders.sqs.wait": {
    kind: "histogram",
    unit: "s",
    description: "From the acceptance of an order to its confirmation by RabbitMQ, by lane.",
    by: ["order-bridge"],
    isOnAws: true,
    bounds: WAIT_BOUNDS,
  },
  "broker.reconnects": {
    kind: "counter",
    unit: "{connection}",
    description: "Connections to RabbitMQ that were lost or could not be opened.",
    by: ["order-bridge", "inventory", "billing"],
    isOnAws: true,
  },
  "broker.confirms_timed_out": {
    kind: "counter",
    unit: "{message}",
    description: "Messages that RabbitMQ did not confirm in time, although it may have them.",
    by: ["order-bridge", "billing"],
    isOnAws: true,
  },
  "orders.rabbitmq.wait": {
    kind: "histogram",
    unit: "s",
    description: "From the publication of an order to its arrival at billing, by lane.",
    by: ["billing"],
    isOnAws: true,
    bounds: WAIT_BOUNDS,
  },
  "orders.batch.size": {
    kind: "histogram",
    unit: "{message}",
    description: "Messages that billing handled together.",
    by: ["billing"],
    isOnAws: true,
    bounds: [1, 2, 5, 10, 25, 50, 100, 250],
  },
  "orders.recorded": {
    kind: "counter",
    unit: "{order}",
    description: "Rows that were written.",
    by: ["billing"],
    isOnAws: true,
  },
  "orders.repeated": {
    kind: "counter",
    unit: "{order}",
    description: "Deliveries whose row existed already: a retry, a replay, or an Idempotency-Key.",
    by: ["billing"],
    isOnAws: true,
  },
  "orders.rejected": {
    kind: "counter",
    unit: "{order}",
    description: "Orders that can never be recorded; each is dead-lettered with its reason.",
    by: ["billing"],
    isOnAws: true,
  },
  "orders.time_to_recorded": {
    kind: "histogram",
    unit: "s",
    description: "From the acceptance of an order to its row, by lane.",
    by: ["billing"],
    isOnAws: true,
    bounds: WAIT_BOUNDS,
  },
  "orders.held": {
    kind: "gauge",
    unit: "{message}",
    description: "Messages that billing holds unacknowledged.",
    by: ["billing"],
    isOnAws: false,
  },
  "events.waiting": {
    kind: "gauge",
    unit: "s",
    description: "Age of the oldest event that waits in billing's outbox; 0 when the outbox is empty.",
    by: ["billing"],
    isOnAws: false,
  },
  "orders.waiting": {
    kind: "gauge",
    unit: "{message}",
    description: "Messages that wait, by queue.",
    by: ["status-probe"],
    isOnAws: false,
  },
  "orders.unaccounted": {
    kind: "gauge",
    unit: "{order}",
    description: "Accepted orders that are neither recorded nor rejected, and in no queue.",
    by: ["status-probe"],
    isOnAws: false,
  },
  "process.memory.usage": {
    kind: "gauge",
    unit: "By",
    description: "Memory that the process holds.",
    by: ALL,
    isOnAws: false,
  },
  "process.cpu.utilization": {
    kind: "gauge",
    unit: "1",
    description: "Share of one core that the process used since the last reading.",
    by: ALL,
    isOnAws: false,
  },
  "nodejs.eventloop.utilization": {
    kind: "gauge",
    unit: "1",
    description: "Share of the time in which the event loop was busy since the last reading.",
    by: ALL,
    isOnAws: false,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
type OfKind<Kind extends MetricDefinition["kind"]> = {
  [Name in MetricName]: (typeof METRICS)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];
export type CounterName = OfKind<"counter">;
export type HistogramName = OfKind<"histogram">;
export type GaugeName = OfKind<"gauge">;
