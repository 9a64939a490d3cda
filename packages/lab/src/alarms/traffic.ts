import { randomInt } from "node:crypto";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import * as z from "zod";
import type { Lab } from "../chaos/lab.ts";
import { keepPace } from "../pace.ts";

/** A client's own timeout, longer than any timeout behind it. */
const PATIENCE_MS = 15_000;
/** How many order ids are kept for status requests. */
const REMEMBERED_MAX = 100;
/** An id that no seeded row has. */
const NO_MOVIE = 2_000_000_000;

/** Requests a second. */
export interface Pace {
  reads: number;
  orders: number;
  /** Requests for the status of an order. */
  statuses: number;
  /** Bodies that are refused, and movies that do not exist. */
  mistakes: number;
  /** Premium customers that sign in, and order with the token that they get. */
  signIns: number;
}

/** The traffic of an ordinary hour: enough for meaningful rates, and little enough for a laptop. */
export const NORMAL: Pace = { reads: 5, orders: 3, statuses: 1, mistakes: 0.5, signIns: 0.4 };

const Accepted = z.object({ id: z.string() });

/** Clients of every kind, each at a steady pace whatever answers they get. They stop once their last requests are answered. */
export function startTraffic(lab: Lab & { identityUrl: string }, pace: Pace): AsyncDisposable {
  const orders: string[] = [];
  const request = async (path: string, body?: object, token = lab.token) => {
    const response = await fetch(lab.gatewayUrl + path, {
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return response.ok ? text : undefined;
  };
  const clients: Record<keyof Pace, () => Promise<unknown>> = {
    reads: () => request("/api/movies?limit=1"),
    async orders() {
      const accepted = await request("/api/billing", newOrder());
      if (accepted === undefined) return;
      orders.push(Accepted.parse(JSON.parse(accepted)).id);
      if (orders.length > REMEMBERED_MAX) orders.shift();
    },
    async statuses() {
      const id = orders[randomInt(Math.max(1, orders.length))];
      if (id !== undefined) await request(`/api/billing/orders/${id}`);
    },
    mistakes: () =>
      randomInt(2) === 0
        ? request("/api/billing", { user_id: "nobody" })
        : request(`/api/movies/${NO_MOVIE}`),
    async signIns() {
      const token = await accessToken({ identityUrl: lab.identityUrl, user: "premium" });
      await request("/api/billing", newOrder(), token.accessToken);
    },
  };
  // The rare requests of all kinds would otherwise come at the same moments.
  const offset = Math.random;
  const loops = Object.entries(clients).map(([kind, ask]) =>
    keepPace(pace[kind as keyof Pace], () => ask().catch(() => {}), { offset }),
  );
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

export function newOrder() {
  const cents = randomInt(1_00, 1_000_00);
  return {
    user_id: 1 + randomInt(1_000_000),
    number_of_items: 1 + randomInt(9),
    total_amount: (cents / 100).toFixed(2),
  };
}
