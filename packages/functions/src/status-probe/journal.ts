import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { ORDER_ID } from "@cloud-design/core/billing/order-id";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import type { Acceptance, Reading } from "./ledger.ts";

/** The line that the gateway writes after SQS has the order and before it answers. */
const FILTER = `{ $.message = "${LOG_MESSAGES.accepted}" }`;
/** A page takes at most 3 s; the next one is requested only within this time. */
const READ_MS = 5_000;
/**
 * The log is read in pieces, each twice as long as the one before; otherwise a long log without orders would never be
 * finished.
 */
const FIRST_PIECE_MS = 30_000;
/** An event may reach CloudWatch later than its neighbours, so this much time before now is read again. */
const OVERLAP_MS = 120_000;

const Line = z.object({ order_id: z.string().regex(ORDER_ID) });

/** The accepted orders, from the gateway's own log: the only record that is independent of the queues. */
export interface Journal {
  /** Rejects when the first page could not be read within 8 s. */
  read(from: number): Promise<Reading>;
}

/** Reads one page of events from CloudWatch, in the order of time. */
export type AskPage = (
  question: Pick<FilterLogEventsCommandInput, "startTime" | "endTime" | "nextToken">,
) => Promise<Pick<FilterLogEventsCommandOutput, "events" | "nextToken">>;

export function openJournal(logGroupName: string): Journal {
  const client = new CloudWatchLogsClient({ maxAttempts: 1 });
  const askPage: AskPage = (question) =>
    client.send(new FilterLogEventsCommand({ logGroupName, filterPattern: FILTER, ...question }), {
      abortSignal: AbortSignal.timeout(3_000),
    });
  return { read: (from) => readJournal(askPage, from) };
}

/** Reads as far as time allows. When a page fails, the pages before it are kept. */
export async function readJournal(askPage: AskPage, from: number): Promise<Reading> {
  // biome-ignore lint/plugin: where the journal ends now, whose lines carry wall time.
  const askedAt = Date.now();
  const startedAt = performance.now();
  const acceptances: Acceptance[] = [];
  let [startTime, piece, readTo] = [from, FIRST_PIECE_MS, from];
  let page: Awaited<ReturnType<AskPage>> | undefined;
  do {
    const endTime = startTime + piece < askedAt ? startTime + piece : undefined;
    const isFirst = page === undefined;
    page = await askPage({ startTime, endTime, nextToken: page?.nextToken }).catch((error: unknown) => {
      if (isFirst) throw error;
      return undefined;
    });
    if (page === undefined) break;
    acceptances.push(...(page.events ?? []).flatMap(toAcceptance));
    if (page.nextToken !== undefined) {
      readTo = Math.max(readTo, acceptances.at(-1)?.at ?? from);
    } else if (endTime === undefined) {
      return { acceptances, readTo: askedAt - OVERLAP_MS, isComplete: true };
    } else {
      [startTime, piece, readTo] = [endTime, piece * 2, endTime];
    }
  } while (performance.now() - startedAt < READ_MS);
  return { acceptances, readTo: Math.min(readTo, askedAt - OVERLAP_MS), isComplete: false };
}

function toAcceptance({
  timestamp,
  message = "",
}: {
  timestamp?: number | undefined;
  message?: string | undefined;
}): Acceptance[] {
  if (timestamp === undefined) return [];
  const line = Line.safeParse(parseJson(message));
  return line.success ? [{ id: line.data.order_id, at: timestamp }] : [];
}
