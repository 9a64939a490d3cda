import { join } from "node:path";
import { createLog } from "@cloud-design/core/log";
import type { Depths } from "@cloud-design/traces/store/depths";
import { openLive } from "@cloud-design/traces/store/live";
import { Rates } from "@cloud-design/traces/store/rates";
import type { Span } from "@cloud-design/traces/store/span";
import { openStore } from "@cloud-design/traces/store/store";
import { NOON } from "@cloud-design/traces/testing/spans";
import { temporaryDirectory } from "../../../servers/temporary-directory.ts";
import { listen } from "../../stand-in.ts";
import { createTelemetry } from "../server.ts";

export interface Seeded extends AsyncDisposable {
  url: string;
  depths: Depths;
  parts: Record<string, string>;
  /** The file of spans, in which a test may write. */
  file: string;
  /** The error of the store that was reported, if any. */
  damage: unknown[];
  add(spans: readonly Span[]): void;
  stop(): Promise<void>;
}

/** The telemetry part with its own store, queues with the given depths, and its clock at ten seconds past noon. */
export async function startSeeded(): Promise<Seeded> {
  const directory = await temporaryDirectory();
  const store = openStore(directory.path);
  const rates = new Rates();
  const seeded = {
    depths: { orders: 0, billing: 0, ordersDead: 0, billingDead: 0 } as Depths,
    parts: { gateway: "running", billing: "running" } as Record<string, string>,
    file: join(directory.path, "spans.sqlite"),
    damage: [] as unknown[],
  };
  const live = openLive({
    store,
    rates,
    gauge: { read: async () => seeded.depths },
    parts: () => seeded.parts,
    now: () => NOON + 10_000,
    freshMs: 0,
  });
  const onSpans = (spans: readonly Span[]) => rates.add(spans);
  const server = createTelemetry({
    store,
    onSpans,
    live,
    siteUrl: "http://localhost",
    log: createLog("telemetry"),
    onDamage: (error) => void seeded.damage.push(error),
  });
  const port = await listen(server, 0);
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(seeded, {
    url: `http://127.0.0.1:${port}`,
    add(spans: readonly Span[]) {
      store.add(spans);
      onSpans(spans);
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      store.close();
      await directory[Symbol.asyncDispose]();
    },
  });
}
