import * as z from "zod";
import { OrderId } from "./order-state.ts";

/** Most ids in one question: an answer keeps a small task of billing from its messages for under a tenth of a second. */
export const LEDGER_IDS_MAX = 2_000;
export const LEDGER_BYTES_MAX = 128 * 1_024;

/** The body of `POST /ledger/outcomes` of billing, which is reachable only within the network. */
export const LedgerQuestion = z.object({ ids: z.array(OrderId).max(LEDGER_IDS_MAX) });

export const LedgerAnswer = z.object({
  /** Both lists contain only ids that were asked for. An id in neither list has no row. */
  recorded: z.array(OrderId),
  rejected: z.array(OrderId),
  /** Messages that the answering process held unacknowledged before it read the rows. */
  held: z.int().min(0),
  /** Which process answered: behind a load balancer, each process holds its own messages. */
  holder: z.string(),
});
export type LedgerAnswer = z.output<typeof LedgerAnswer>;
