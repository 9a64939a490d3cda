import { Duration } from "aws-cdk-lib";
import { FilterPattern, type JsonPattern } from "aws-cdk-lib/aws-logs";
import { type Stack, type StackContext, use } from "sst/constructs";
import { Gateway } from "./gateway.ts";
import { createCompositeAlarm } from "./watch/alarm.ts";
import { ANSWERS, burnRate } from "./watch/burn-rate.ts";
import { countOf } from "./watch/log-metric.ts";
import { BAD_MIN, BURNS, OBJECTIVES, type Objective } from "./watch/objectives.ts";

const FAILED = FilterPattern.stringValue("$.status", "=", "5*");
const KINDS = {
  // Who asks how the platform is buys nothing, asks often, and gets a 503 as the answer that is meant.
  reads: [
    FilterPattern.stringValue("$.route", "=", "GET /api/*"),
    FilterPattern.stringValue("$.route", "!=", "GET /api/status"),
  ],
  acceptance: [FilterPattern.stringValue("$.route", "=", "POST /api/billing")],
} satisfies Record<keyof typeof ANSWERS, JsonPattern[]>;

/**
 * What callers may expect, and the alarms for when it is being used up too fast (docs/slos.md). The API answers for reads and acceptance, billing's own
 * metric for freshness. Costs $5.20 a month for 22 metrics under alarms and six composite alarms, and up to $1.20 for the four that are counted, by the traffic.
 */
export function Slos({ stack }: StackContext) {
  countAnswers(stack);
  for (const objective of Object.keys(OBJECTIVES) as Objective[]) createBurnAlarms(stack, objective);
}

/** Not API Gateway's own metrics: without those by route, which cost more, they tell no read from an order. */
function countAnswers(stack: Stack): void {
  const { accessLogs } = use(Gateway);
  for (const kind of ["reads", "acceptance"] as const) {
    countOf(stack, ANSWERS[kind].all, accessLogs, KINDS[kind]);
    countOf(stack, ANSWERS[kind].failed, accessLogs, [...KINDS[kind], FAILED]);
  }
}

function createBurnAlarms(stack: Stack, objective: Objective): void {
  const { target, promise } = OBJECTIVES[objective];
  for (const [speed, { rate, longMinutes, shortMinutes }] of Object.entries(BURNS)) {
    const window = (minutes: number, badMin?: number) => ({
      metric: burnRate(stack, objective, Duration.minutes(minutes), badMin),
      threshold: rate,
      periods: 1,
    });
    createCompositeAlarm(stack, `slo-${objective}-${speed}`, {
      conditions: { long: window(longMinutes, BAD_MIN), short: window(shortMinutes) },
      because: `The promise that ${target} % ${promise} was broken ${rate} times as often as it allows, over ${longMinutes} minutes and over the last ${shortMinutes} too.`,
    });
  }
}
