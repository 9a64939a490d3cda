import { LedgerAnswer } from "@cloud-design/core/billing/ledger";
import type { TokenSource } from "./token.ts";

/** Asks billing, with a token of the probe's own, what became of these orders. Rejects with any answer that is not one. */
export async function askBilling(
  { billingUrl, token }: { billingUrl: string; token: TokenSource },
  ids: readonly string[],
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const response = await fetch(new URL("/ledger/outcomes", billingUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${await token.get()}`, "content-type": "application/json" },
    body: JSON.stringify({ ids }),
    signal,
  });
  if (response.ok) return LedgerAnswer.parse(await response.json());
  await response.body?.cancel();
  if (response.status === 401) token.forget();
  throw new Error(`Billing answered ${response.status}`);
}
