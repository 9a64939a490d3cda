/** Written by each run of the probe; the feed when an incident has changed. */
export const STATUS_KEY = "status/status.json";
export const HISTORY_KEY = "status/history.json";
export const PAGE_KEY = "status/index.html";
export const FEED_KEY = "status/feed.atom";

/** Where no path of the site leads: it names orders. */
export const LEDGER_KEY = "ledger/orders.json";

/** All of them: no deployment may touch them. */
export const PROBE_KEYS = [STATUS_KEY, HISTORY_KEY, PAGE_KEY, FEED_KEY, LEDGER_KEY] as const;

/** Written by each deployment: what people wrote, and the names of the page's style sheet and script. */
export const INCIDENTS_KEY = "status/incidents.json";
export const ASSETS_KEY = "status/assets.json";
/** Where no path of the site leads: it names the version. */
export const DEPLOYMENT_KEY = "deployment/version.json";
