/** Written by each run of the probe; the feed only when an incident has changed. */
export const STATUS_KEY = "status/status.json";
export const HISTORY_KEY = "status/history.json";
export const PAGE_KEY = "status/index.html";
export const FEED_KEY = "status/feed.atom";

/** Outside the site's paths, because it contains order ids. */
export const LEDGER_KEY = "ledger/orders.json";

/** All keys that the probe writes; a deployment must not overwrite them. */
export const PROBE_KEYS = [STATUS_KEY, HISTORY_KEY, PAGE_KEY, FEED_KEY, LEDGER_KEY] as const;

/** Written by each deployment: the incidents that operators wrote, and the names of the page's style sheet and script. */
export const INCIDENTS_KEY = "status/incidents.json";
export const ASSETS_KEY = "status/assets.json";
/** Outside the site's paths, because it contains the version. */
export const DEPLOYMENT_KEY = "deployment/version.json";
