export { type Check, COMPONENTS, type ComponentId, type OrderCounts, type State } from "./components.ts";
export { renderFeed } from "./feed.ts";
export { FIRST_STATUS_PAGE } from "./first-page.ts";
export { History, record } from "./history.ts";
export { parseIncidents } from "./incidents.ts";
export { renderPage } from "./page.ts";
export { readIncidents } from "./read.ts";
export { Status, toStatus } from "./status.ts";
export { age } from "./words.ts";
