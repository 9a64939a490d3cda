import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { openTail } from "../../supervisor/log-file.ts";
import type { FauxqsApp } from "../fauxqs.ts";

/** As many as CloudWatch puts on a page. */
const PAGE_EVENTS = 10_000;
/** Longer than a reading of the journal takes. */
const READING_MS = 60_000;

const Question = z.object({
  startTime: z.number(),
  endTime: z.number().default(Number.POSITIVE_INFINITY),
  nextToken: z.coerce.number().default(0),
});
const Line = z.object({ time: z.iso.datetime(), message: z.literal(LOG_MESSAGES.accepted) });

interface Event {
  timestamp: number;
  message: string;
}

/** The one operation of CloudWatch Logs that the status probe uses: which orders the gateway has logged as accepted since a time. */
export function answerLogEvents(app: FauxqsApp, logFile: string): void {
  const readNew = openTail(logFile);
  let events: Event[] = [];
  let questions: { askedAt: number; startTime: number }[] = [];
  app.addHook("preHandler", async ({ headers, body }, reply) => {
    if (headers["x-amz-target"] !== "Logs_20140328.FilterLogEvents") return;
    const { startTime, endTime, nextToken } = Question.parse(JSON.parse(String(body)));
    events = events.concat(readNew().flatMap(toEvent));
    // A reading asks for its earliest time first, and no reading starts earlier than the one before it: older events can go.
    const askedAt = performance.now();
    questions = questions.filter((question) => question.askedAt > askedAt - READING_MS);
    if (questions.length > 0) {
      const start = Math.min(...questions.map((question) => question.startTime));
      events = events.filter(({ timestamp }) => timestamp >= start);
    }
    questions.push({ askedAt, startTime });
    const found = events.filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime);
    const end = nextToken + PAGE_EVENTS;
    return reply.type("application/x-amz-json-1.1").send({
      events: found.slice(nextToken, end),
      ...(end < found.length && { nextToken: String(end) }),
    });
  });
}

function toEvent(message: string): Event[] {
  // Most lines are not about orders, and parsing them all would take longer than reading them.
  if (!message.includes(JSON.stringify(LOG_MESSAGES.accepted))) return [];
  const { data } = Line.safeParse(parseJson(message));
  return data ? [{ timestamp: Date.parse(data.time), message }] : [];
}
