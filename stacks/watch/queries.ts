import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { use } from "sst/constructs";
import { Billing } from "../billing.ts";
import { DeadLetters } from "../dead-letters.ts";
import { Gateway } from "../gateway.ts";
import { Identity } from "../identity.ts";
import { Inventory } from "../inventory.ts";
import { Orders } from "../orders.ts";
import { Status } from "../status.ts";

/** A query in the language of CloudWatch Logs Insights. */
export interface Query {
  /** The question that it answers, as a sentence without its end. */
  answers: string;
  logGroups: readonly ILogGroup[];
  /** One command each. */
  lines: readonly string[];
}

/** Placeholder for an id; docs/runbook.md replaces it by the operator's. */
export const ID = "PASTE-THE-ID";

/** All saved queries; docs/runbook.md has a row for each. */
export function queries() {
  const { accessLogs } = use(Gateway);
  const { gateway, orderGateway, bridge, billing, deadLetters, all } = logGroups();
  return {
    "one-order": {
      answers: "the way of one order: each hop with its time, its attempts and its reason",
      logGroups: [gateway, orderGateway, bridge, billing, deadLetters],
      lines: [
        "fields @timestamp, service, message, lane, receives, outcome, seconds, reason, cause, action, `by`, trace_id",
        `filter order_id = "${ID}"`,
        "sort @timestamp asc",
        "limit 1000",
      ],
    },
    "one-trace": {
      answers:
        "the log lines of one trace id, which the caller reads in `traceresponse`: the answer, and its reason",
      logGroups: all,
      lines: [
        "fields @timestamp, service, level, message, order_id, err.type, err.message, path, reason, span_id",
        `filter trace_id = "${ID}"`,
        "sort @timestamp asc",
        "limit 1000",
      ],
    },
    "failures-by-service": {
      answers: "the failures: where, and how often",
      logGroups: all,
      lines: [
        'filter level in ["warn", "error", "fatal"]',
        "stats count(*) as times, min(@timestamp) as first_at, max(@timestamp) as last_at by service, level, message, err.type, err.code",
        "sort times desc",
        "limit 100",
      ],
    },
    "slowest-requests": {
      answers: "which requests took longest, and how much of it the gateway",
      logGroups: [accessLogs],
      lines: [
        "fields @timestamp, route, path, status, latencyMs, integrationLatencyMs, integrationError, requestId",
        "sort latencyMs desc",
        "limit 50",
      ],
    },
    "requests-by-route": {
      answers: "how each route does: requests, failures, 429s, half and the slowest hundredth in ms",
      logGroups: [accessLogs],
      lines: [
        'fields strcontains(concat("s", status), "s5") as is_failed, strcontains(status, "429") as is_refused',
        "stats count(*) as requests, sum(is_failed) as failed, sum(is_refused) as refused, pct(latencyMs, 50) as half, pct(latencyMs, 99) as slowest by route",
        "sort requests desc",
      ],
    },
    "rejected-orders": {
      answers: "which orders were rejected, and why",
      logGroups: [billing],
      lines: [
        "fields @timestamp, order_id, reason, trace_id",
        `filter message = "${LOG_MESSAGES.rejected}"`,
        "sort @timestamp desc",
        "limit 100",
      ],
    },
    "late-orders": {
      answers:
        "which accepted orders were not settled within an hour; one of the last minutes may be under way",
      logGroups: [orderGateway, billing],
      lines: [
        `filter message in ["${LOG_MESSAGES.accepted}", "${LOG_MESSAGES.recorded}", "${LOG_MESSAGES.rejected}"]`,
        'fields strcontains(message, "accepted") as is_accepted',
        "stats sum(is_accepted) as accepted, count(*) as all_lines, min(@timestamp) as first_at, max(@timestamp) as last_at by order_id",
        "filter accepted > 0 and (all_lines = accepted or last_at - first_at > 3600000)",
        "sort first_at asc",
        "limit 100",
      ],
    },
    "orders-by-lane": {
      answers: "how soon the orders of each lane were recorded: half, and the slowest twentieth in seconds",
      logGroups: [billing],
      lines: [
        `filter message = "${LOG_MESSAGES.recorded}" and outcome = "recorded"`,
        "stats count(*) as orders, pct(seconds, 50) as half, pct(seconds, 95) as slowest by lane, bin(5m)",
      ],
    },
    "cold-starts": {
      answers: "how often the two functions of the API started anew, and how long that took in ms",
      logGroups: [gateway, orderGateway],
      lines: [
        "filter @message like /^REPORT .*Init Duration/",
        "parse @message /Init Duration: (?<init>[0-9.]+) ms/",
        "stats count(*) as starts, pct(init, 50) as half, max(init) as longest by @log, bin(1h)",
      ],
    },
    replays: {
      answers: "which operator replayed or dropped which dead letter, and why",
      logGroups: [deadLetters],
      lines: [
        "fields @timestamp, action, queue, order_id, cause, `by`, why, trace_id",
        `filter message = "${LOG_MESSAGES.deadLetterChanged}"`,
        "sort @timestamp desc",
        "limit 200",
      ],
    },
  } satisfies Record<string, Query>;
}

export type QueryName = keyof ReturnType<typeof queries>;

/** A query as CloudWatch stores it. */
export function queryText({ lines }: Query): string {
  return lines.join("\n| ");
}

function logGroups() {
  const { gateway, orderGateway } = use(Gateway);
  const { bridge } = use(Orders);
  const groups = {
    gateway: gateway.logGroup,
    orderGateway: orderGateway.logGroup,
    bridge: bridge.logGroup,
    inventory: use(Inventory).logs,
    billing: use(Billing).logs,
    deadLetters: use(DeadLetters).operatorFunction.logGroup,
    probe: use(Status).probe.logGroup,
    tokenScopes: use(Identity).tokenScopes.logGroup,
  };
  return { ...groups, all: Object.values(groups) };
}
