import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { isOrderId } from "@cloud-design/core/billing/order-id";
import { parseJson } from "@cloud-design/core/json";
import type { Acceptance, Reading } from "./ledger.ts";

/** The line that the gateway writes after SQS has the order and before it answers. */
const FILTER = `{ $.message = "${LOG_MESSAGES.accepted}" }`;
/** A page takes at most 3 s; the next one is requested only within this time. */
const READ_MS = 20_000;
/** An event may reach CloudWatch later than its neighbours. Lines that are older than this are read once. */
const LATE_MS = 120_000;
/**
 * Younger lines are read ahead for the page, and again by the next runs, only while at most this many are expected: at
 * up to 333 orders/s. Otherwise each line would be read three times.
 */
const AHEAD_MAX = 40_000;
/**
 * Pieces of the log that are read at once. The account has 5 requests a second in some regions, 25 in us-east-1, 10
 * elsewhere, and no more on request ("CloudWatch Logs quotas").
 */
const LANES = 4;
const THROTTLED_MS = 1_000;
const MINUTE = 60_000;
/**
 * After a piece of one page the next one is twice as long; otherwise a long log without orders would never be finished.
 */
const FIRST_PIECE_MS = 5_000;

/** The accepted orders, from the gateway's own log: the only record that is independent of the queues. */
export interface Journal {
  /** Never rejects. Reads on from this time for at most 23 s, and some pages more than `linesMax` at most. */
  read(from: number, linesMax: number): Promise<Reading>;
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
  return { read: (from, linesMax) => readJournal(askPage, from, linesMax) };
}

/**
 * Reads as far as time and `linesMax` allow: first what is old enough to be complete, then the rest, unless it is too
 * much to be read again.
 */
export async function readJournal(askPage: AskPage, from: number, linesMax: number): Promise<Reading> {
  // biome-ignore lint/plugin: where the journal ends now, whose lines carry wall time.
  const now = Date.now();
  const until = performance.now() + READ_MS;
  const settledTo = now - LATE_MS;
  const settled = await readRange(askPage, { from, to: settledTo, linesMax, until });
  const { acceptances, readTo } = settled;
  if (readTo < settledTo) return { acceptances, readTo, isComplete: false, isCurrent: false };
  const expected = (acceptances.length / Math.max(MINUTE, settledTo - from)) * LATE_MS;
  if (expected > AHEAD_MAX) return { acceptances, readTo: settledTo, isComplete: true, isCurrent: false };
  const rest = { from: Math.max(from, settledTo), to: now, isOpen: true, linesMax: AHEAD_MAX, until };
  const ahead = await readRange(askPage, rest);
  const isCurrent = ahead.readTo >= now;
  return {
    acceptances: acceptances.concat(ahead.acceptances),
    readTo: settledTo,
    isComplete: isCurrent || ahead.isFull,
    isCurrent,
  };
}

interface Range {
  from: number;
  /** Exclusive. */
  to: number;
  /** Whether the last piece has no end: its lines may carry the time of a clock that is ahead. */
  isOpen?: boolean;
  linesMax: number;
  /** On the clock of `performance.now()`. */
  until: number;
}

interface Piece {
  startTime: number;
  /** Exclusive. */
  endTime: number;
  acceptances: Acceptance[];
  /** `endTime` when it was read to its end. */
  readTo: number;
}

/** The orders of all pieces up to the first one that is incomplete, and where that one ends. */
async function readRange(
  askPage: AskPage,
  { from, to, isOpen = false, linesMax, until }: Range,
): Promise<Pick<Reading, "acceptances" | "readTo"> & { isFull: boolean }> {
  const pieces: Piece[] = [];
  let [next, length, lines, hasFailed] = [from, FIRST_PIECE_MS, 0, false];
  const mayGoOn = () => !hasFailed && lines < linesMax && performance.now() < until;

  async function readPiece(): Promise<void> {
    const [startTime, endTime] = [next, Math.min(next + length, to)];
    const piece: Piece = { startTime, endTime, acceptances: [], readTo: startTime };
    pieces.push(piece);
    next = endTime;
    const range = { startTime, endTime: isOpen && endTime === to ? undefined : endTime - 1 };
    let [nextToken, pages]: [string | undefined, number] = [undefined, 0];
    do {
      const page = await unlessThrottled(() => askPage({ ...range, nextToken }), until);
      const found = (page.events ?? []).flatMap(toAcceptance);
      piece.acceptances = piece.acceptances.concat(found);
      piece.readTo = Math.min(found.at(-1)?.at ?? piece.readTo, endTime - 1);
      lines += found.length;
      pages++;
      nextToken = page.nextToken;
    } while (nextToken !== undefined && mayGoOn());
    if (nextToken !== undefined) return;
    piece.readTo = endTime;
    length = pages === 1 ? (endTime - startTime) * 2 : FIRST_PIECE_MS;
  }
  async function readPieces(piecesMax = Number.POSITIVE_INFINITY): Promise<void> {
    for (let count = 0; count < piecesMax && next < to && mayGoOn(); count++) {
      await readPiece().catch(() => {
        hasFailed = true;
      });
    }
  }

  // The first piece goes alone: its pages give the length of the others, and a CloudWatch that is away is asked once.
  await readPieces(1);
  await Promise.all(Array.from({ length: LANES }, () => readPieces()));
  const gap = pieces.findIndex(({ endTime, readTo }) => readTo < endTime);
  const read = gap < 0 ? pieces : pieces.slice(0, gap + 1);
  return {
    acceptances: read.flatMap(({ acceptances }) => acceptances),
    readTo: read.at(-1)?.readTo ?? from,
    isFull: lines >= linesMax,
  };
}

/** Waits and asks again, for as long as CloudWatch answers that the account has asked too often. */
async function unlessThrottled<T>(ask: () => Promise<T>, until: number): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isThrottled = error instanceof Error && error.name === "ThrottlingException";
      if (!isThrottled || performance.now() + THROTTLED_MS >= until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, THROTTLED_MS));
  }
}

function toAcceptance({
  timestamp,
  message = "",
}: {
  timestamp?: number | undefined;
  message?: string | undefined;
}): Acceptance[] {
  if (timestamp === undefined) return [];
  const line = parseJson(message);
  const id = typeof line === "object" && line !== null && "order_id" in line && line.order_id;
  return typeof id === "string" && isOrderId(id) ? [{ id, at: timestamp }] : [];
}
