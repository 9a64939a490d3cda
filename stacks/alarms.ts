import { MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type Stack, type StackContext, use } from "sst/constructs";
import { Api } from "./api.ts";
import { Broker } from "./broker.ts";
import { Cluster } from "./cluster.ts";
import { hasOwnFirewall } from "./firewall.ts";
import { Gateway } from "./gateway.ts";
import { Identity } from "./identity.ts";
import { Orders } from "./orders.ts";
import { Status } from "./status.ts";
import { createAlarm } from "./watch/alarm.ts";
import { ACCEPTANCE, THROTTLED } from "./watch/answers.ts";
import { createDatabaseAlarms } from "./watch/database-alarms.ts";
import { createImportAlarms } from "./watch/import-alarms.ts";
import { createLedgerAlarms } from "./watch/ledger-alarms.ts";
import { countOf } from "./watch/log-metric.ts";
import {
  brokerDiskPercent,
  brokerMemoryPercent,
  brokerMetric,
  FIVE_MINUTES,
  firewallBlocks,
  serverErrorPercent,
} from "./watch/metrics.ts";
import { createOrderAlarms } from "./watch/order-alarms.ts";
import { createWebhookAlarms } from "./watch/webhook-alarms.ts";

/**
 * Every alarm that is rung by a cause. `slos.ts` has the alarms on what callers experience. docs/runbook.md has a heading for each alarm.
 * CloudWatch bills $0.10 a month for each metric that an alarm reads: $6.80 in prod, $6.10 in a standard stage, nothing in a learner's.
 */
export function Alarms({ stack }: StackContext) {
  createApiAlarms(stack);
  createFirewallAlarm(stack);
  createFunctionAlarms(stack);
  createStatusAlarm(stack);
  createOrderAlarms(stack);
  createLedgerAlarms(stack);
  createWebhookAlarms(stack);
  createImportAlarms(stack);
  createBrokerAlarms(stack);
  createDatabaseAlarms(stack);
  createCertificateAlarm(stack);
}

function createApiAlarms(stack: Stack): void {
  const { httpApi } = use(Api);
  createAlarm(stack, "api-errors", {
    metric: serverErrorPercent(httpApi, FIVE_MINUTES, 5),
    threshold: 5,
    periods: 2,
    because:
      "One in twenty requests has got a 5xx for ten minutes. A failover of the database is over within the first period.",
  });
  createAlarm(stack, "api-latency", {
    metric: httpApi.metricLatency({ statistic: Stats.p(99), period: FIVE_MINUTES }),
    threshold: 3_000,
    periods: 3,
    because:
      "For a quarter of an hour one in a hundred requests has taken 3 s or more, which is when the gateway gives a service up and asks it once more. No request may take 10 s.",
  });
  // API Gateway's own 4xx metric also counts the callers' mistakes.
  const { accessLogs } = use(Gateway);
  const throttled = countOf(stack, "RequestsThrottled", accessLogs, [THROTTLED]);
  const ordersThrottled = countOf(stack, "OrdersThrottled", accessLogs, [THROTTLED, ACCEPTANCE]);
  createAlarm(stack, "api-throttles", {
    metric: throttled.metric({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 10,
    periods: 2,
    because:
      "In each of two periods of five minutes a route's throttle has refused ten requests or more. A burst is over within seconds, and a client that waits as docs/clients.md says then succeeds.",
  });
  createAlarm(stack, "orders-throttled", {
    metric: ordersThrottled.metric({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 10,
    periods: 1,
    because:
      "In five minutes ten orders or more were refused with a 429: more come than the throttle takes, or than it was made for. An order that is refused may be placed elsewhere, so this rings sooner than api-throttles.",
  });
}

/** An alarm cannot read a metric of another region, and the firewall's are in us-east-1. */
function createFirewallAlarm(stack: Stack): void {
  if (!hasOwnFirewall(stack)) return;
  createAlarm(stack, "firewall-blocks", {
    metric: firewallBlocks(stack, FIVE_MINUTES),
    threshold: 1_000,
    periods: 2,
    because:
      "For ten minutes the firewall has blocked more than three requests a second. A scanner is done sooner; a partner's program that sends more than its address may goes on, and is blocked altogether.",
  });
}

function createFunctionAlarms(stack: Stack): void {
  const functions = {
    gateway: use(Gateway).gateway,
    "order-gateway": use(Gateway).orderGateway,
    "order-bridge": use(Orders).bridge,
    // While this function fails, no person can sign in.
    "token-scopes": use(Identity).tokenScopes,
  };
  for (const [name, handler] of Object.entries(functions)) {
    createAlarm(stack, `${name}-errors`, {
      metric: handler.metricErrors({ period: FIVE_MINUTES }),
      threshold: 3,
      periods: 1,
      because: `The function ${name} has crashed or run out of time three times in five minutes. It handles every failure that it knows, so this one is new.`,
    });
    createAlarm(stack, `${name}-throttles`, {
      metric: handler.metricThrottles({ period: FIVE_MINUTES }),
      threshold: 1,
      periods: 2,
      because: `Lambda has refused to start ${name} for ten minutes; a burst is over sooner. Its own concurrency or the account's is used up.`,
    });
  }
}

function createStatusAlarm(stack: Stack): void {
  const { probe } = use(Status);
  createAlarm(stack, "status-stale", {
    metric: new MathExpression({
      // Without FILL, a probe that is never started would be missing data, and CloudWatch rings for missing data only after 20 minutes.
      expression: "FILL(runs, 0) - FILL(errors, 0)",
      usingMetrics: {
        runs: probe.metricInvocations({ statistic: Stats.SUM }),
        errors: probe.metricErrors({ statistic: Stats.SUM }),
      },
      period: FIVE_MINUTES,
      label: "Checks that the status page shows",
    }),
    threshold: 1,
    isBelow: true,
    isMissingBad: true,
    periods: 2,
    because:
      "For ten minutes no check has reached the status page, which expects one each minute. The page says so itself; until then the state of the platform is unknown.",
  });
}

/** Sources: Amazon MQ developer guide, "Memory and disk alarms", "Configurable storage best practices" and "Default resource limits". */
function createBrokerAlarms(stack: Stack): void {
  const { name } = use(Broker);
  // A container reports no figures of RabbitMQ. While it is away, orders wait in SQS, and orders-held-back rings.
  if (name === undefined) return;
  createAlarm(stack, "broker-memory", {
    metric: brokerMemoryPercent(name),
    threshold: 70,
    periods: 10,
    because:
      "At 100 % on one node RabbitMQ takes no orders. All nodes hold the same queues, so at 70 % of their sum each node is close to that limit.",
  });
  createAlarm(stack, "broker-disk", {
    metric: brokerDiskPercent(name),
    threshold: 350,
    isBelow: true,
    periods: 10,
    because:
      "Under 100 % RabbitMQ takes no orders. At 350 % each node of the cluster is 5 GiB above its limit of 2 GiB, where AWS advises to act.",
  });
  createAlarm(stack, "broker-connections", {
    metric: brokerMetric(name, "ConnectionCount"),
    threshold: 90,
    periods: 10,
    because:
      "Six tasks of billing with three connections each, six of inventory with one for each of two subscribers, doubled by a deployment, the batches of both lanes and the probe hold 81 at most; the smallest broker refuses more than 100. At 90, some client leaks connections.",
  });
}

function createCertificateAlarm(stack: Stack): void {
  createAlarm(stack, "balancer-certificate", {
    metric: use(Cluster).certificate.daysLeft,
    threshold: 60,
    isBelow: true,
    periods: 1,
    because:
      "The balancer's certificate is renewed each week for 90 days, so four renewals have failed, or its authority expires soon. At 0 the gateway refuses to talk to the services.",
  });
}
