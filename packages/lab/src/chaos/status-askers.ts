import { keepPace } from "../pace.ts";
import type { Lab } from "./lab.ts";
import type { Load } from "./load.ts";

const PER_SECOND = 20;
/** A client's own timeout, longer than any timeout behind it. */
const PATIENCE_SECONDS = 15;

export interface StatusAskers {
  readonly served: number;
  /** Answers without a status, in the order of asking. */
  readonly failed: readonly string[];
  /** Sends no new requests; resolves once each has its answer. */
  stop(): Promise<void>;
}

/** Clients that ask at a steady pace for the status of the orders that were accepted last. */
export function startStatusAskers({ gatewayUrl, token }: Lab, load: Load): StatusAskers {
  const failed: string[] = [];
  let served = 0;

  async function ask(id: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(PATIENCE_SECONDS * 1_000);
    const answer = await fetch(`${gatewayUrl}/api/billing/orders/${id}`, { headers, signal }).then(
      async (response) => ({ isOk: response.ok, said: `${response.status} ${await response.text()}` }),
      (error: unknown) => ({ isOk: false, said: String(error) }),
    );
    if (answer.isOk) served++;
    else failed.push(answer.said);
  }

  const loop = keepPace(PER_SECOND, async () => {
    const id = load.operations.findLast(({ ids }) => ids.length > 0)?.ids[0];
    if (id !== undefined) await ask(id);
  });

  return {
    failed,
    get served() {
      return served;
    },
    stop: loop.stop,
  };
}
