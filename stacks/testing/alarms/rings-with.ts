export interface RingsWith {
  alarm: string;
  /** The name of its recording (packages/lab/src/alarms/recordings). */
  fault: string;
  /** The effect of the fault that the alarm detects. */
  because: string;
}

/** Every alarm that notifies, and the faults in whose recordings it rings. */
export const RINGS_WITH: readonly RingsWith[] = (
  [
    ["orders-age", "bridge-stopped", "The bridge fetches no order from SQS, so the oldest one grows older."],
    ["orders-priority-age", "bridge-stopped", "The same, for premium orders."],
    ["orders-held-back", "broker-stopped", "The bridge fetches orders, and RabbitMQ refuses them."],
    [
      "orders-dead-letters",
      "orders-given-up",
      "SQS has given orders up, as it does after a thousand attempts.",
    ],
    ["billing-consumers", "broker-stopped", "A broker that is away reports no consumers, nor anything else."],
    ["billing-consumers", "billing-stopped", "The broker reports that it has no consumer."],
    ["billing-stalled", "table-locked", "Billing holds orders that the database does not take."],
    ["billing-stalled", "billing-database-stopped", "Billing holds orders for a database that is away."],
    [
      "billing-backlog",
      "billing-overrun",
      "More orders wait than the largest fleet is meant to have before it.",
    ],
    ["billing-dead-letters", "order-poisoned", "A malformed order is among the dead letters."],
    ["orders-unaccounted", "order-lost", "An accepted order is in no queue and has no row."],
    [
      "orders-unsettled",
      "billing-reconnects",
      "Billing takes orders and gives them back with its connection, over and over.",
    ],
    ["orders-unsettled", "table-locked", "Billing can read what it has recorded, and write nothing."],
    ["ledger-blind", "journal-unreadable", "Without the gateway's journal the ledger has no figure."],
    ["broker-memory", "broker-nearly-full", "RabbitMQ uses more than 70 % of the memory that it may."],
    [
      "broker-disk",
      "broker-nearly-full",
      "RabbitMQ has little more disk than the limit that it must keep free.",
    ],
    [
      "broker-connections",
      "broker-connections-leaked",
      "A client opens connections and does not close them.",
    ],
    ["api-errors", "inventory-database-stopped", "Every request for movies ends in a 503."],
    ["api-errors", "inventory-frozen", "The gateway gives inventory up, and answers 503."],
    ["api-errors", "gateway-crashes", "API Gateway answers 500 for a function that throws."],
    ["api-errors-sudden", "gateway-crashes", "As for api-errors, soon enough to take a new version back."],
    ["order-errors-sudden", "gateway-crashes", "As for api-errors-sudden, for orders alone."],
    ["order-errors-sudden", "order-gateway-throttled", "API Gateway answers 503 for each order."],
    ["api-latency", "inventory-frozen", "Callers wait until the gateway gives inventory up."],
    ["api-throttles", "routes-throttled", "API Gateway refuses callers before anything of ours is asked."],
    ["orders-throttled", "routes-throttled", "The same, for orders."],
    [
      "firewall-blocks",
      "address-blocked",
      "An address sends more than it may, and the firewall refuses all of it.",
    ],
    ["gateway-errors", "gateway-crashes", "The function throws, as a bug does that no test has found."],
    ["gateway-throttles", "gateway-throttled", "Lambda does not start the function."],
    ["order-gateway-errors", "gateway-crashes", "It runs the same code."],
    ["order-gateway-throttles", "order-gateway-throttled", "As for the gateway, for orders alone."],
    ["order-bridge-errors", "order-bridge-crashes", "As for the gateway."],
    ["order-bridge-throttles", "order-bridge-throttled", "As for the gateway."],
    ["token-scopes-errors", "token-scopes-crashes", "As for the gateway, while people sign in."],
    ["token-scopes-throttles", "token-scopes-throttled", "As for the gateway, while people sign in."],
    [
      "balancer-certificate",
      "certificate-not-renewed",
      "The certificate has not been renewed for 40 days, and then it is.",
    ],
    ["status-stale", "probe-stopped", "The probe is not started, so no check reaches the page."],
    ["inventory-unhealthy", "inventory-frozen", "Its tasks are there and answer no health check."],
    ["billing-unhealthy", "billing-overrun", "Its tasks are there and answer no health check."],
    ["inventory-errors", "rights-revoked", "Inventory itself answers 500, for it may not read its table."],
    ["billing-errors", "rights-revoked", "Billing itself answers 500 to a request for an order."],
    ["inventory-database-cpu", "inventory-database-busy", "The server is busy."],
    ["inventory-database-cpu", "inventory-database-stopped", "A server that is gone reports nothing."],
    ["billing-database-cpu", "billing-database-busy", "The server is busy."],
    ["billing-database-cpu", "billing-database-stopped", "A server that is gone reports nothing."],
    ["inventory-database-storage", "databases-filled", "The disk is nearly full."],
    ["billing-database-storage", "databases-filled", "The disk is nearly full."],
    ["inventory-database-io", "disks-busy", "Small writes use up the reserve of operations."],
    ["billing-database-io", "disks-busy", "Small writes use up the reserve of operations."],
    ["inventory-database-bytes", "disks-busy", "They use up the reserve of bytes too."],
    ["billing-database-bytes", "disks-busy", "They use up the reserve of bytes too."],
    [
      "inventory-database-connections",
      "connections-hoarded",
      "Another session holds most of the connections.",
    ],
    ["billing-database-connections", "connections-hoarded", "Another session holds most of the connections."],
    ["inventory-database-pinning", "sessions-pinned", "A session ties itself to its connection."],
    ["billing-database-pinning", "sessions-pinned", "A session ties itself to its connection."],
    [
      "slo-reads-fast",
      "inventory-database-stopped",
      "Movies cannot be read, and the month's budget goes in hours.",
    ],
    ["slo-reads-slow", "inventory-database-stopped", "The same, seen over six hours."],
    ["slo-reads-fast", "inventory-frozen", "The same, after the callers have waited."],
    ["slo-reads-slow", "inventory-frozen", "The same, seen over six hours."],
    ["slo-acceptance-fast", "gateway-crashes", "No order is accepted."],
    ["slo-acceptance-slow", "gateway-crashes", "The same, seen over six hours."],
    ["slo-acceptance-fast", "routes-throttled", "A throttle that refuses orders breaks the promise too."],
    ["slo-acceptance-fast", "order-gateway-throttled", "The same, while everything else is answered."],
    ["slo-freshness-fast", "table-locked", "The orders that waited for the lock are recorded late."],
    ["slo-freshness-slow", "table-locked", "The same, seen over six hours."],
  ] as const
).map(([alarm, fault, because]) => ({ alarm, fault, because }));
