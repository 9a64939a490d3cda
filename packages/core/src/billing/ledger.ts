import * as z from "zod";
import { OrderId } from "./order-state.ts";

/** At most so many ids in one question: RDS Proxy ties a session down for a statement over 16 KB. */
export const LEDGER_IDS_MAX = 500;
export const LEDGER_BYTES_MAX = 64 * 1_024;

/** Asked at `POST /ledger/outcomes` of billing, within the network alone. */
export const LedgerQuestion = z.object({ ids: z.array(OrderId).max(LEDGER_IDS_MAX) });

export const LedgerAnswer = z.object({
  /** Of the ids that were asked for. Those in neither list have no row. */
  recorded: z.array(OrderId),
  rejected: z.array(OrderId),
  /** Messages that the answering process held unacknowledged before it looked for the rows. */
  held: z.int().min(0),
  /** Which process answered: behind a balancer each holds messages of its own. */
  holder: z.string(),
});
export type LedgerAnswer = z.output<typeof LedgerAnswer>;
