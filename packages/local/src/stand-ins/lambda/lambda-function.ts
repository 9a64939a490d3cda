import { withDeadline } from "@cloud-design/core/retry";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { reportMetrics } from "./embedded-metrics.ts";
import { lambdaContext } from "./lambda-context.ts";

/** The reserved concurrency of the function in this process, which an operator may set; 0 stops it. */
export const LambdaEnvironment = z.object({
  RESERVED_CONCURRENCY: z.coerce.number<string>().int().min(0).optional(),
});

export interface LambdaFunction<Event, Result> {
  name: string;
  timeoutSeconds: number;
  concurrencyMax?: number | undefined;
  handler(event: Event, context: Context): Promise<Result>;
}

/** Lambda has not started the function because its concurrency is used up. */
export class ThrottledError extends Error {
  override name = "ThrottledError";
}

/**
 * A function as Lambda runs it, with the metrics that Lambda publishes. It ends at its time-out at the latest. Beyond its concurrency it is
 * not started (`ThrottledError`), which Lambda counts as neither an invocation nor an error.
 */
export function lambdaFunction<Event, Result>({
  name,
  timeoutSeconds,
  concurrencyMax = Number.POSITIVE_INFINITY,
  handler,
}: LambdaFunction<Event, Result>): (event: Event) => Promise<Result> {
  const report = (values: Record<string, number>) =>
    reportMetrics("AWS/Lambda", { FunctionName: name }, values);
  let running = 0;
  return async (event) => {
    if (running >= concurrencyMax) {
      report({ Throttles: 1 });
      throw new ThrottledError(`The function ${name} was not started: ${concurrencyMax} of it may run.`);
    }
    running += 1;
    const startedAt = performance.now();
    let Errors = 1;
    try {
      // An async function, so that an exception before the first await is an error of the function too.
      const invocation = (async () => handler(event, lambdaContext(name, timeoutSeconds)))();
      const result = await withDeadline(invocation, timeoutSeconds, `The function ${name}`);
      Errors = 0;
      return result;
    } finally {
      running -= 1;
      const Duration = Math.round(performance.now() - startedAt);
      report({ Invocations: 1, Errors, Throttles: 0, Duration });
    }
  };
}
