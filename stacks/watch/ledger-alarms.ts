import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern } from "aws-cdk-lib/aws-logs";
import { type Stack, use } from "sst/constructs";
import { Status } from "../status.ts";
import { createAlarm } from "./alarm.ts";
import { countOf, figureOf } from "./log-metric.ts";
import { FIVE_MINUTES, MINUTE } from "./metrics.ts";

/** The whole way of an order, by the status probe's ledger, which compares what was accepted with what was recorded. */
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
    // The figure counts checks running by itself, and comes again as it is while billing or its database is silent.
    threshold: 5,
    periods: 1,
    because:
      "In five checks billing has answered and settled no order, while one waited in RabbitMQ or in its hands. A lock that a migration takes, or a burst of messages that are no orders, is over sooner.",
  });
  // Where the journal, a queue or billing could not be asked, the ledger has no figure rather than a wrong one.
  const blind = countOf(stack, "LedgerBlind", logGroup, [
    FilterPattern.stringValue("$.message", "=", "ledger"),
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
