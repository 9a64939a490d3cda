import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelModel } from "amqplib";
import { fullJitter } from "../retry.ts";
import { count } from "../telemetry/measure.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";

/** The longest pause between two attempts. A connection that has lasted longer was a good one. */
const GOOD_AFTER_SECONDS = 3;

export interface KeepOptions extends ConnectOptions {
  /** Runs on each new connection. */
  setup(connection: ChannelModel): Promise<void>;
  /** Told whenever there is no connection, and why. */
  onFailure(reason: unknown): void;
}

/**
 * Keeps a connection for a consumer: the loss of one leads to the next for as long as it takes. Does not wait for the first. amqplib's
 * own recovery would sign in with the first password for ever.
 */
export function keepConnected(url: string, options: KeepOptions): { close(): Promise<void> } {
  const over = new AbortController();
  const { signal } = over;

  /** Lasts as long as its connection, and fails with the reason of its end. */
  async function session(onReady: () => void): Promise<never> {
    const connection = await openConnection(url, options);
    const closed = new Promise<unknown>((resolve) => connection.once("close", resolve));
    const close = () => connection.close().catch(() => {});
    signal.addEventListener("abort", close, { once: true });
    try {
      signal.throwIfAborted();
      await options.setup(connection);
      onReady();
      throw (await closed) ?? new Error("The connection was closed");
    } finally {
      signal.removeEventListener("abort", close);
      void close();
      // Not on the answer to `close`, which a frozen broker never gives: its missed heartbeats end the connection too.
      await closed;
    }
  }

  async function keep(): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      let readyAt = Number.POSITIVE_INFINITY;
      try {
        await session(() => {
          readyAt = performance.now();
        });
      } catch (reason) {
        if (signal.aborted) return;
        // One that ends right after its set-up counts as a failed attempt, or a broker that hangs up on each would be asked without a pause.
        if (performance.now() - readyAt > GOOD_AFTER_SECONDS * 1_000) attempt = 1;
        count("broker.reconnects");
        options.onFailure(reason);
        await sleep(fullJitter(attempt), undefined, { signal }).catch(() => {});
      }
    }
  }

  const kept = keep();
  return {
    async close() {
      over.abort();
      await kept;
    },
  };
}
