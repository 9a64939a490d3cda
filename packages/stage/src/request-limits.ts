/** The firewall's, from one address in its window: ten times what a busy page of a person needs. */
export const REQUESTS_MAX = 3_000;
/** How far AWS WAF looks back unless it is told otherwise. */
export const WINDOW_SECONDS = 300;
