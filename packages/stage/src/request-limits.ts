/** The firewall's limit for one address in its window: ten times the requests of a person on a busy page. */
export const REQUESTS_MAX = 3_000;
/** AWS WAF's default window, in seconds. */
export const WINDOW_SECONDS = 300;
