import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ORDER_ID } from "@cloud-design/core/billing/order-id";
import * as z from "zod";
import type { Acceptance, Reading } from "./ledger.ts";

/** As the gateway writes it once SQS has the order, and before it answers. */
const FILTER = '{ $.message = "order accepted" }';
/** A page takes 3 s at most; another one is asked for only within this time. */
const READ_SECONDS = 5;

const Line = z.object({ order_id: z.string().regex(ORDER_ID) });

/** Which orders were accepted, by the gateway's own log: the only record that is independent of the queues. */
export interface Journal {
  /** Rejects when nothing could be read in 8 s. */
  read(from: number): Promise<Reading>;
}

export function openJournal(logGroupName: string): Journal {
  const client = new CloudWatchLogsClient({ maxAttempts: 1 });
  return {
    async read(from) {
      const askedAt = Date.now();
      const acceptances: Acceptance[] = [];
      let nextToken: string | undefined;
      do {
        const command = new FilterLogEventsCommand({
          logGroupName,
          filterPattern: FILTER,
          startTime: from,
          nextToken,
        });
        // Pages come in the order of time.
        const page = await client.send(command, { abortSignal: AbortSignal.timeout(3_000) });
        acceptances.push(...(page.events ?? []).flatMap(toAcceptance));
        nextToken = page.nextToken;
      } while (nextToken !== undefined && Date.now() - askedAt < READ_SECONDS * 1_000);
      const isComplete = nextToken === undefined;
      return { acceptances, readTo: isComplete ? askedAt : (acceptances.at(-1)?.at ?? from), isComplete };
    },
  };
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
