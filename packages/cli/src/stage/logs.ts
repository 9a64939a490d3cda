import { setTimeout as sleep } from "node:timers/promises";
import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { printable } from "@cloud-design/local/terminal/readable-line";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { onStage } from "./access.ts";
import { logGroupOf, logsClient } from "./log-groups.ts";

const MINUTE_MS = 60_000;
/** How far back it looks, in minutes, step by step until there are enough lines: CloudWatch reads from the oldest line on. The last step is 90 days. */
const WINDOWS = [1, 10, 60, 360, 1_440, 10_080, 129_600];
/** Each page has up to 1 MB or 10,000 lines, and is often empty where nothing was logged. */
const PAGES_MAX = 50;
const LOOK_AGAIN_MS = 2_000;
/** Lines of several tasks arrive out of order, within this time. */
const LATE_MS = 15_000;

interface Following {
  lines: number;
  isFollowing: boolean;
}

/** Prints the end of a part's log and, with `isFollowing`, new lines until Ctrl-C. */
export async function logsOnStage(
  named: NamedStage,
  part: string | undefined,
  { lines, isFollowing }: Following,
): Promise<number> {
  return onStage(named, async (stage) => {
    const group = await logGroupOf(stage, part);
    const client = logsClient(stage);
    // biome-ignore lint/plugin: CloudWatch wants wall time.
    const now = Date.now();
    const { events, isWhole } = await lastEvents(client, group, { count: lines, now });
    print(events);
    if (!isWhole) console.error(`Only the last ${PAGES_MAX} pages of the log were looked at.`);
    if (isFollowing) await follow(client, group, events, now);
    return 0;
  });
}

async function lastEvents(
  client: CloudWatchLogsClient,
  logGroupName: string,
  { count, now }: { count: number; now: number },
): Promise<{ events: FilteredLogEvent[]; isWhole: boolean }> {
  let events: FilteredLogEvent[] = [];
  let pages = 0;
  let endTime = now;
  for (const minutes of count > 0 ? WINDOWS : []) {
    const startTime = now - minutes * MINUTE_MS;
    const older: FilteredLogEvent[] = [];
    for await (const page of paginateFilterLogEvents({ client }, { logGroupName, startTime, endTime })) {
      if (++pages > PAGES_MAX) return { events, isWhole: false };
      older.push(...(page.events ?? []));
      older.splice(0, older.length - count);
    }
    events = [...older, ...events].slice(-count);
    if (events.length === count) break;
    endTime = startTime - 1;
  }
  return { events, isWhole: true };
}

async function follow(
  client: CloudWatchLogsClient,
  logGroupName: string,
  shown: readonly FilteredLogEvent[],
  now: number,
): Promise<never> {
  process.stdout.on("error", () => process.exit(0)); // the reader has ended
  const seen = new Map(shown.map(({ eventId = "", timestamp = 0 }) => [eventId, timestamp]));
  const floor = shown.at(-1)?.timestamp ?? now;
  for (let newest = floor; ; await sleep(LOOK_AGAIN_MS)) {
    const startTime = Math.max(floor, newest - LATE_MS);
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName, startTime })) {
      print(events.filter(({ eventId = "" }) => !seen.has(eventId)));
      for (const { eventId = "", timestamp = 0 } of events) {
        seen.set(eventId, timestamp);
        newest = Math.max(newest, timestamp);
      }
    }
    for (const [eventId, timestamp] of seen) if (timestamp < startTime) seen.delete(eventId);
  }
}

function print(events: readonly FilteredLogEvent[]): void {
  const lines = events.map(({ message = "" }) => printable(message.trimEnd()));
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
}
