import { Duration } from "aws-cdk-lib";
import { FilterPattern, type JsonPattern } from "aws-cdk-lib/aws-logs";
import { type Stack, type StackContext, use } from "sst/constructs";
import { Gateway } from "./gateway.ts";
import { createCompositeAlarm } from "./watch/alarm.ts";
import { ACCEPTANCE, SERVER_ERROR, THROTTLED } from "./watch/answers.ts";
import { ANSWERS, burnRate } from "./watch/burn-rate.ts";
import { countOf } from "./watch/log-metric.ts";
import { BAD_MIN, BURNS, OBJECTIVES, type Objective } from "./watch/objectives.ts";

const KINDS = {
  // Status reads count for no objective: they are frequent, sell nothing, and a 503 is their intended answer when a part is down.
  reads: [
    FilterPattern.stringValue("$.route", "=", "GET /api/*"),
    FilterPattern.stringValue("$.route", "!=", "GET /api/status"),
  ],
  acceptance: [ACCEPTANCE],
} satisfies Record<keyof typeof ANSWERS, JsonPattern[]>;
/** A throttle counts all callers together, so an order that it refuses is not the mistake of its caller. A read may be one crawler's of many. */
const FAILED = {
  reads: SERVER_ERROR,
  acceptance: FilterPattern.any(SERVER_ERROR, THROTTLED),
} satisfies Record<keyof typeof ANSWERS, JsonPattern>;

/**
 * The promises to callers, and the alarms that ring when an error budget is spent too fast (docs/slos.md). Reads and acceptance are measured in
 * the API's access log, freshness by billing's own metric. Cost: $5.20 a month for 22 metrics under alarms and six composite alarms, and up to
 * $1.20 for the four metrics that are counted from the log, by the traffic.
 */
export function Slos({ stack }: StackContext) {
  countAnswers(stack);
  for (const objective of Object.keys(OBJECTIVES) as Objective[]) createBurnAlarms(stack, objective);
}

/** API Gateway's own metrics cannot tell a read from an order, except by route, which costs more. */
function countAnswers(stack: Stack): void {
  const { accessLogs } = use(Gateway);
  for (const kind of ["reads", "acceptance"] as const) {
    countOf(stack, ANSWERS[kind].all, accessLogs, KINDS[kind]);
    countOf(stack, ANSWERS[kind].failed, accessLogs, [...KINDS[kind], FAILED[kind]]);
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
