import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  paginateDescribeLogGroups,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { clientSettings, explained } from "../../../../stacks/shared/aws-access.ts";
import { nameOf } from "../../../../stacks/shared/names.ts";
import { Refusal } from "../../../../stacks/shared/refusal.ts";
import { DEFAULT_REGION } from "../../../../stacks/shared/regions.ts";
import { checkStageName } from "../../../../stacks/shared/stage-name.ts";
import { SetupError } from "../part.ts";
import { logTimeline, parseLine } from "./from-logs.ts";
import { type Found, type Subject, spelled, theOrderOf } from "./subject.ts";

/** Stack and construct of the log groups that an order leaves a line in; CloudFormation puts its own letters behind. */
const GROUPS = [
  "Gateway-GatewayLogs",
  "Orders-OrderBridgeLogs",
  "Billing-Logs",
  "DeadLetters-DeadLettersLogs",
];
/** A query over a day takes some seconds, and is billed by what it reads: it is asked once. */
const QUERY_SECONDS = 60;
const LOOK_AGAIN_MS = 500;
/** Many more than an order has, however often it was tried. */
const LINES_MAX = 1_000;

interface StageOptions {
  stage: string;
  region?: string | undefined;
  profile?: string | undefined;
  sinceMs: number;
}

/** From the logs of a stage on AWS, by CloudWatch Logs Insights. */
export async function onStage(subject: Subject, { stage, sinceMs, ...given }: StageOptions): Promise<Found> {
  const { region = DEFAULT_REGION, profile } = given;
  const access = { region, profile };
  const client = new CloudWatchLogsClient(clientSettings(access));
  try {
    checkStageName(stage);
    const groups = await groupsOf(client, stage);
    if (groups.length === 0) {
      throw new SetupError(
        `There are no log groups of ${stage} in ${region}: name another --region, or deploy the stage with this version.`,
      );
    }
    const lines = await ask(client, groups, subject, sinceMs);
    const ids = lines.flatMap(parseLine).flatMap(({ order_id }) => order_id ?? []);
    const orderId = "orderId" in subject ? subject.orderId : theOrderOf(subject.traceId, [...new Set(ids)]);
    const timeline = logTimeline(orderId ?? "", lines);
    if (timeline.hops.length > 0) return { timeline, remarks: [] };
    throw new SetupError(
      `No line in the logs of ${stage} tells of the ${spelled(subject)}: look further back with --since 7d.`,
    );
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError((error instanceof Refusal ? error : explained(error, access)).message, {
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

async function groupsOf(client: CloudWatchLogsClient, stage: string): Promise<string[]> {
  const wanted = GROUPS.map((group) => nameOf({ stage }, group));
  const names: string[] = [];
  for await (const page of paginateDescribeLogGroups(
    { client },
    { logGroupNamePrefix: nameOf({ stage }, "") },
  )) {
    names.push(...(page.logGroups ?? []).flatMap(({ logGroupName }) => logGroupName ?? []));
  }
  return names.filter((name) => wanted.some((beginning) => name.startsWith(beginning)));
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
      endTime: Math.ceil(Date.now() / 1_000),
      queryString: `fields @message | filter ${field} = "${id}" | sort @timestamp asc`,
      limit: LINES_MAX,
    }),
  );
  const until = Date.now() + QUERY_SECONDS * 1_000;
  for (;;) {
    const { status, results = [] } = await client.send(new GetQueryResultsCommand({ queryId }));
    if (status === "Complete") {
      return results.flatMap((row) => row.find((cell) => cell.field === "@message")?.value ?? []);
    }
    if (status !== "Running" && status !== "Scheduled")
      throw new SetupError(`CloudWatch has broken the question off (${status}): try again.`);
    if (Date.now() > until)
      throw new SetupError(
        `CloudWatch has no answer after ${QUERY_SECONDS} s: look less far back, with --since 1h.`,
      );
    await sleep(LOOK_AGAIN_MS);
  }
}
