import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { keepTimes } from "../pace.ts";

/** How long no order may change before the others count as lost: longer than RabbitMQ's or a database's restart (R5). */
const PATIENCE_SECONDS = 60;
const PAUSE_MS = 500;

const Order = z.object({
  status: z.enum(["accepted", "recorded", "rejected"]),
  accepted_at: z.iso.datetime().nullish(),
  recorded_at: z.iso.datetime().nullish(),
});

export interface Followed {
  recorded: number;
  rejected: number;
  /** Accepted, and then neither recorded nor rejected. */
  lost: string[];
  /** From the acceptance to the row, in milliseconds, of each recorded order. */
  waits: number[];
}

interface Following {
  /** The body of the answer about one order. */
  ask: (id: string) => Promise<unknown>;
  /** Questions a second. */
  perSecond: number;
  doing?: (left: number) => void;
  patienceSeconds?: number;
}

/** Asks for every accepted order until it is recorded or rejected. */
export async function followOrders(
  ids: readonly string[],
  { ask, perSecond, doing = () => {}, patienceSeconds = PATIENCE_SECONDS }: Following,
): Promise<Followed> {
  const followed: Followed = { recorded: 0, rejected: 0, lost: [], waits: [] };
  const open = new Set(ids);

  async function askFor(id: string): Promise<void> {
    const { data } = Order.safeParse(await ask(id));
    if (data === undefined || data.status === "accepted") return;
    open.delete(id);
    doing(open.size);
    followed[data.status]++;
    if (data.accepted_at && data.recorded_at)
      followed.waits.push(Date.parse(data.recorded_at) - Date.parse(data.accepted_at));
  }

  async function askForAll(): Promise<void> {
    const asked = [...open];
    const times = asked.map((_, index) => (index * 1_000) / perSecond);
    const loop = keepTimes(times, () => askFor(asked.shift() ?? ""));
    await loop.started;
    await loop.stop();
  }

  for (let changedAt = performance.now(); open.size > 0; await sleep(PAUSE_MS)) {
    const before = open.size;
    await askForAll();
    if (open.size < before) changedAt = performance.now();
    if (performance.now() - changedAt >= patienceSeconds * 1_000) break;
  }
  followed.lost = [...open];
  return followed;
}
