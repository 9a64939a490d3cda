import { LedgerAnswer } from "@cloud-design/core/billing/ledger";
import type { TokenSource } from "./token.ts";

/** Asks billing for the outcomes of these orders, with the probe's own token. Rejects for any malformed answer. */
export async function askBilling(
  { billingUrl, token }: { billingUrl: string; token: TokenSource },
  ids: readonly string[],
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const accessToken = await tokenBefore(signal, token);
  const response = await fetch(new URL("/ledger/outcomes", billingUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ ids }),
    signal,
  });
  if (response.ok) return LedgerAnswer.parse(await response.json());
  await response.body?.cancel();
  if (response.status === 401) token.forget();
  throw new Error(`Billing answered ${response.status}`);
}

/** Getting a token takes several requests to Cognito, which do not accept a signal. */
async function tokenBefore(signal: AbortSignal, token: TokenSource): Promise<string> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([token.get(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
