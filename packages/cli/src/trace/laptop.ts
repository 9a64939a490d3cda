import { request } from "node:http";
import { json } from "node:stream/consumers";
import { localDirectory } from "@cloud-design/local/platform/settings";
import { logFileOf, readFrom } from "@cloud-design/local/supervisor/log-file";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { type PlatformFile, runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import { logTimeline, parseLine } from "@cloud-design/traces/timeline/from-logs";
import type { Timeline } from "@cloud-design/traces/timeline/timeline";
import * as z from "zod";
import { type OrderRow, rowOf, withRow } from "./row.ts";
import { type Found, type Subject, spelled, theOrderOf } from "./subject.ts";

/** Longer than a search of all stored traces. */
const ANSWER_MS = 5_000;
const LOGS = ["gateway", "order-bridge", "billing", "dead-letters"];

interface Trace {
  orders: string[];
  timeline: Timeline;
}

const Databases = z.object({ databases: z.object({ orders: z.object({ url: z.string() }) }) });

/** From the traces of the running platform; otherwise from its logs; and if those do not have the order, from the row only. */
export async function onLaptop(subject: Subject): Promise<Found> {
  const directory = localDirectory();
  const platform = runningPlatform(directory);
  const trace = await traceOf(subject, platform);
  const found = trace === "stopped" ? undefined : trace;
  const lines = found === undefined ? linesOf(directory) : [];
  const orderId = orderOf(subject, found, lines);
  if (orderId === undefined) {
    if (found !== undefined) return { timeline: found.timeline, remarks: [] };
    throw new SetupError(nothing(subject, trace === "stopped"));
  }
  const timeline = found?.timeline ?? logTimeline(orderId, lines);
  const row = await rowOf(orderId, Databases.parse(platform).databases.orders.url).catch(
    () => "silent" as const,
  );
  if (timeline.hops.length === 0 && (row === undefined || row === "silent"))
    throw new SetupError(`${nothing(subject, trace === "stopped")}${row === "silent" ? ` ${SILENT}` : ""}`);
  const whole = withRow(timeline, row === "silent" ? undefined : row);
  const remarks = remarksOn({ isTraced: found !== undefined, isStopped: trace === "stopped", row, timeline });
  return { timeline: whole, remarks: whole === timeline ? remarks : [...remarks, INCOMPLETE] };
}

const STOPPED =
  "Telemetry does not answer, so hops are known from the logs alone: npm run ops -- restart telemetry";
const INCOMPLETE =
  "The traces do not have its last hop (any more, or yet): its outcome is from the database.";
const SILENT = "The database of orders does not answer: npm run ops -- start billing-database";

function remarksOn(known: {
  isTraced: boolean;
  isStopped: boolean;
  row: OrderRow | undefined | "silent";
  timeline: Timeline;
}): string[] {
  const { isTraced, isStopped, row, timeline } = known;
  const source =
    timeline.hops.length > 0 ? "its hops are from the logs, without durations" : "only its row is left";
  return [
    ...(isTraced
      ? []
      : [isStopped ? STOPPED : `There is no trace of this order (any more, or yet): ${source}.`]),
    ...(row === "silent" ? [SILENT] : []),
  ];
}

function nothing(subject: Subject, isStopped: boolean): string {
  // The logs may hold lines of a request that ordered nothing, but those are not hops of an order.
  const line = "orderId" in subject ? "a line in the logs" : "an order under it in the logs";
  const sources = isStopped ? `neither ${line} nor a row` : `neither a trace, nor ${line}, nor a row`;
  const hint = isStopped ? ` ${STOPPED}` : "";
  return `There is no ${spelled(subject)} here: ${sources}.${hint}`;
}

function orderOf(subject: Subject, found: Trace | undefined, lines: readonly string[]): string | undefined {
  if ("orderId" in subject) return subject.orderId;
  const { traceId } = subject;
  const ids = lines.flatMap(parseLine).flatMap((line) => (line.trace_id === traceId && line.order_id) || []);
  return theOrderOf(traceId, found?.orders ?? [...new Set(ids)]);
}

/** Undefined if the telemetry part has no such trace. */
async function traceOf(subject: Subject, { parts }: PlatformFile): Promise<Trace | "stopped" | undefined> {
  const path = "orderId" in subject ? `/traces?order=${subject.orderId}` : `/traces/${subject.traceId}`;
  const { promise, resolve, reject } = Promise.withResolvers<Trace | undefined>();
  const asked = request(
    { host: "127.0.0.1", port: parts.telemetry?.port, path, timeout: ANSWER_MS },
    (response) => {
      json(response).then(
        (body) => resolve(response.statusCode === 200 ? (body as Trace) : undefined),
        reject,
      );
    },
  );
  asked
    .once("timeout", () => asked.destroy(new Error("no answer")))
    .once("error", reject)
    .end();
  return promise.catch(() => "stopped" as const);
}

/** The logs of the parts that an order passes, including the rotated ones. */
function linesOf(directory: string): string[] {
  return LOGS.flatMap((part) => {
    const path = logFileOf(directory, part);
    return [`${path}.1`, path].flatMap((file) => readFrom(file, 0).text.split("\n"));
  });
}
