import { parseJson } from "@cloud-design/core/json";
import {
  type Check,
  readIncidents,
  record,
  renderFeed,
  renderPage,
  type Status,
  toStatus,
} from "@cloud-design/status";
import { Assets } from "../shared/status-assets.ts";
import {
  ASSETS_KEY,
  DEPLOYMENT_KEY,
  FEED_KEY,
  HISTORY_KEY,
  INCIDENTS_KEY,
  LEDGER_KEY,
  PAGE_KEY,
  STATUS_KEY,
} from "../shared/status-keys.ts";
import type { Store } from "../shared/status-store.ts";
import { beginLedger, Ledger } from "./ledger.ts";

export interface PublishDependencies {
  store: Store;
  siteUrl: string;
  check(before: Ledger): Promise<{ check: Check; ledger: Ledger }>;
  intervalSeconds: number;
}

/**
 * One run: checks everything and writes the data and the page, so that it works with and without JavaScript. Rejects
 * when a part could not be written.
 */
export async function checkAndPublish(deps: PublishDependencies): Promise<Status> {
  const { store, siteUrl, check, intervalSeconds } = deps;
  const read = (key: string) => store.read(key).then((text = "") => parseJson(text));
  const [previous, history, ledger, incidents, assets, feed, deployedAt] = await Promise.all([
    read(STATUS_KEY),
    read(HISTORY_KEY),
    read(LEDGER_KEY),
    read(INCIDENTS_KEY),
    read(ASSETS_KEY),
    store.read(FEED_KEY),
    store.writtenAt(DEPLOYMENT_KEY),
  ]);
  // A ledger that cannot be read starts again, with the time from which it counts.
  const { check: found, ledger: newLedger } = await check(
    // biome-ignore lint/plugin: where to begin in the journal, whose lines carry wall time.
    Ledger.safeParse(ledger).data ?? beginLedger(Date.now()),
  );
  const status = toStatus(found, previous, {
    intervalSeconds,
    ...(deployedAt && { deployedAt: deployedAt.toISOString() }),
  });
  const newHistory = record(history, found);
  const newFeed = renderFeed(readIncidents(incidents), siteUrl);
  const names = Assets.safeParse(assets);
  await Promise.all([
    store.write(STATUS_KEY, "application/json", JSON.stringify(status)),
    store.write(HISTORY_KEY, "application/json", JSON.stringify(newHistory)),
    store.write(LEDGER_KEY, "application/json", JSON.stringify(newLedger)),
    ...(newFeed === feed ? [] : [store.write(FEED_KEY, "application/atom+xml; charset=utf-8", newFeed)]),
    ...(names.success
      ? [
          store.write(
            PAGE_KEY,
            "text/html; charset=utf-8",
            renderPage({
              status,
              history: newHistory,
              incidents,
              now: Date.parse(found.checkedAt),
              assets: names.data,
            }),
          ),
        ]
      : []),
  ]);
  // The data is current nevertheless, and so is a page that is open.
  if (!names.success) throw new Error(`${ASSETS_KEY} does not name the page's files: deploy the site again.`);
  return status;
}
