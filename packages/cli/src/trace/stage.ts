import { setTimeout as sleep } from "node:timers/promises";
import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { logTimeline, parseLine } from "@cloud-design/traces/timeline/from-logs";
import { onStage } from "../stage/access.ts";
import { logGroupsOf, logsClient } from "../stage/log-groups.ts";
import { type Found, type Subject, spelled, theOrderOf } from "./subject.ts";

/** The parts whose logs have a line about each order. */
const PARTS = ["gateway", "order-gateway", "order-bridge", "billing", "dead-letters"];
/** A query over a day takes some seconds, and is billed by the amount that it reads: it is asked once. */
const QUERY_SECONDS = 60;
const LOOK_AGAIN_MS = 500;
/** Many more lines than an order has, even after many attempts. */
const LINES_MAX = 1_000;

/** The order from the logs of a stage on AWS, by CloudWatch Logs Insights. */
export async function traceOnStage(subject: Subject, named: NamedStage, sinceMs: number): Promise<Found> {
  return onStage(named, async (stage) => {
    const lines = await ask(logsClient(stage), await logGroupsOf(stage, PARTS), subject, sinceMs);
    const ids = lines.flatMap(parseLine).flatMap(({ order_id }) => order_id ?? []);
    const orderId = "orderId" in subject ? subject.orderId : theOrderOf(subject.traceId, [...new Set(ids)]);
    const timeline = logTimeline(orderId ?? "", lines);
    if (timeline.hops.length > 0) return { timeline, remarks: [] };
    throw new SetupError(
      `No line in the logs of ${stage.stage} tells of the ${spelled(subject)}: look further back with --since 7d.`,
    );
  });
}

async function ask(
  client: CloudWatchLogsClient,
  logGroupNames: string[],
  subject: Subject,
  sinceMs: number,
): Promise<string[]> {
  const [field, id] = "orderId" in subject ? ["order_id", subject.orderId] : ["trace_id", subject.traceId];
  const { queryId } = await client.send(
    new StartQueryCommand({
      logGroupNames,
      startTime: Math.floor(sinceMs / 1_000),
      // biome-ignore lint/plugin: CloudWatch wants wall time.
      endTime: Math.ceil(Date.now() / 1_000),
      queryString: `fields @message | filter ${field} = "${id}" | sort @timestamp asc`,
      limit: LINES_MAX,
    }),
  );
  const until = performance.now() + QUERY_SECONDS * 1_000;
  for (;;) {
    const { status, results = [] } = await client.send(new GetQueryResultsCommand({ queryId }));
    if (status === "Complete") {
      return results.flatMap((row) => row.find((cell) => cell.field === "@message")?.value ?? []);
    }
    if (status !== "Running" && status !== "Scheduled")
      throw new SetupError(`CloudWatch has ended the query (${status}): try again.`);
    if (performance.now() > until)
      throw new SetupError(
        `CloudWatch has no answer after ${QUERY_SECONDS} s: look less far back, with --since 1h.`,
      );
    await sleep(LOOK_AGAIN_MS);
  }
}
