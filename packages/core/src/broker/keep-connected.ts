import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelModel } from "amqplib";
import { fullJitter } from "../retry.ts";
import { count } from "../telemetry/measure.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";

/** The longest pause between two attempts. A connection that lasted longer than this was a good one. */
const GOOD_AFTER_SECONDS = 3;

export interface KeepOptions extends ConnectOptions {
  /** Runs on each new connection. */
  setup(connection: ChannelModel): Promise<void>;
  /** Called whenever the connection is lost or cannot be opened, with the reason. */
  onFailure(reason: unknown): void;
}

/**
 * Keeps a consumer connected: after each loss it tries to reconnect, without a limit. Returns before the first
 * connection is open. amqplib's own recovery would keep signing in with the first password.
 */
export function keepConnected(url: string, options: KeepOptions): { close(): Promise<void> } {
  const over = new AbortController();
  const { signal } = over;

  /** Runs for as long as its connection, and rejects with the reason why that ended. */
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
      // Does not wait for the answer to `close`, which a frozen broker never gives: missed heartbeats end that
      // connection too.
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
        // A connection that ends right after its set-up counts as a failed attempt; otherwise a broker that hangs up
        // each time would be called without a pause.
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
