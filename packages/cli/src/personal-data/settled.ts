import { parseJson } from "@cloud-design/core/json";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { Status } from "@cloud-design/status";

/** An accepted order is in the gateway's log at once, and in the ledger's reading of it up to two minutes later. */
const LATE_SECONDS = 120;
const ANSWER_SECONDS = 10;

/** The part of the status page's file that is read here. */
const LastCheck = Status.pick({ orders: true, checked_at: true });
type LastCheck = ReturnType<typeof LastCheck.parse>;

/** Why an order that was placed until `lastTokenEnds` may still be under way, by the ledger's figures; undefined when all are settled. */
export function unsettled({ orders, checked_at }: LastCheck, lastTokenEnds: Date): string | undefined {
  const checkedAt = Date.parse(checked_at);
  const inLedger = new Date(lastTokenEnds.getTime() + LATE_SECONDS * 1_000);
  if (checkedAt < inLedger.getTime())
    return `a token may be good until ${moment(lastTokenEnds)}, and the ledger knows of the last order two minutes later. Type the same again after ${moment(inLedger)}`;
  const { unaccounted, waiting = 0, oldest_seconds: oldestSeconds } = orders ?? {};
  if (unaccounted === undefined || orders?.is_lower_bound)
    return "the ledger cannot say whether orders are under way. `npm run ops -- ps` shows which part is away";
  if (unaccounted > 0)
    return `${unaccounted} orders are unaccounted for, perhaps some of this person (docs/runbook.md#orders-unaccounted)`;
  // Published in whole seconds. Above some 333 orders a second it is absent while every order is younger than two minutes, and so than that time.
  const oldest = oldestSeconds === undefined ? checkedAt : checkedAt - (oldestSeconds + 1) * 1_000;
  if (waiting > 0 && oldest <= lastTokenEnds.getTime())
    return "orders from before that time are still under way, perhaps some of this person. Type the same again when they are recorded";
  return undefined;
}

/** The last check of the status page, which is public and works when the API does not. */
export async function publishedStatus(siteUrl: string): Promise<LastCheck> {
  const url = new URL("/status/status.json", siteUrl);
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_SECONDS * 1_000) }).catch(
    (cause: unknown) => {
      throw new SetupError(`${url} gave no answer within ${ANSWER_SECONDS} s (${cause}).`);
    },
  );
  const status = LastCheck.safeParse(parseJson(await response.text()));
  if (status.success) return status.data;
  throw new SetupError(`${url} answered ${response.status} without a status: the probe has not run yet.`);
}

function moment(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
