import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern } from "aws-cdk-lib/aws-logs";
import { type Stack, use } from "sst/constructs";
import { Status } from "../status.ts";
import { createAlarm } from "./alarm.ts";
import { countOf, figureOf } from "./log-metric.ts";
import { FIVE_MINUTES, MINUTE } from "./metrics.ts";

/** Alarms on the whole way of an order. The status probe's ledger compares the accepted orders with the recorded ones. */
export function createLedgerAlarms(stack: Stack): void {
  const { logGroup } = use(Status).probe;
  const unaccounted = figureOf(stack, "OrdersUnaccounted", logGroup, "$.unaccounted");
  createAlarm(stack, "orders-unaccounted", {
    metric: unaccounted.metric({ period: MINUTE, statistic: Stats.MAXIMUM }),
    threshold: 1,
    periods: 3,
    because:
      "In three checks running an accepted order was neither recorded nor rejected, and in no queue. It is counted three minutes after its acceptance at the earliest.",
  });
  const stalled = figureOf(stack, "StalledChecks", logGroup, "$.stalled_checks");
  createAlarm(stack, "orders-unsettled", {
    metric: stalled.metric({ period: MINUTE, statistic: Stats.MAXIMUM }),
    // The figure counts successive checks by itself, and repeats its last value while billing or its database is silent.
    threshold: 5,
    periods: 1,
    because:
      "In five checks billing has answered and settled no order, while one waited in RabbitMQ or in its hands. A migration's lock, or a burst of malformed messages, is over sooner.",
  });
  // If the journal, a queue or billing could not be read, the ledger reports no figure rather than a wrong one.
  const blind = countOf(stack, "LedgerBlind", logGroup, [
    FilterPattern.stringValue("$.message", "=", LOG_MESSAGES.ledger),
    FilterPattern.notExists("$.unaccounted"),
  ]);
  createAlarm(stack, "ledger-blind", {
    metric: blind.metric({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 3, // of the five checks in each period
    periods: 3,
    because:
      "For a quarter of an hour most checks of the ledger have come to no figure, so orders-unaccounted could not ring. A failover or a broker's restart is over sooner.",
  });
}
