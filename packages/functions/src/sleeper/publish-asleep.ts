import { parseJson } from "@cloud-design/core/json";
import { asleep, renderPage } from "@cloud-design/status";
import { ORDER_BRIDGE } from "../shared/orders-queue-limits.ts";
import { Assets } from "../shared/status-assets.ts";
import { ASSETS_KEY, HISTORY_KEY, INCIDENTS_KEY, PAGE_KEY, STATUS_KEY } from "../shared/status-keys.ts";
import type { Store } from "../shared/status-store.ts";

/**
 * Says on the status page that the platform is asleep: in the data and in the page, as the probe does. The history gets no entry, so the time is
 * not counted as an outage. Writes nothing if both say so already.
 */
export async function publishAsleep(store: Store, since: string): Promise<void> {
  const read = (key: string) => store.read(key).then((text = "") => parseJson(text));
  const [previous, history, incidents, names] = await Promise.all(
    [STATUS_KEY, HISTORY_KEY, INCIDENTS_KEY, ASSETS_KEY].map(read),
  );
  const status = asleep(previous, since, ORDER_BRIDGE.retentionDays);
  const text = JSON.stringify(status);
  if (text === JSON.stringify(previous)) return;
  const assets = Assets.safeParse(names);
  if (assets.success) {
    const page = renderPage({ status, history, incidents, now: Date.parse(since), assets: assets.data });
    await store.write(PAGE_KEY, "text/html; charset=utf-8", page);
  }
  // Last, because it is what the next pass compares.
  await store.write(STATUS_KEY, "application/json", text);
}
