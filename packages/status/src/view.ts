// The rendering that the probe and the browser share.
import { COMPONENT_IDS, COMPONENTS, type ComponentId, type State } from "./components.ts";
import { daysOf, renderDays, renderLegend } from "./days.ts";
import { type Freshness, freshness, isOld } from "./freshness.ts";
import { escapeHtml } from "./html.ts";
import type { Incident } from "./incidents.ts";
import { DEFAULT_INTERVAL_SECONDS, dayOf } from "./limits.ts";
import { renderMarkdown } from "./markdown.ts";
import { readHistory, readIncidents, readStatus } from "./read.ts";
import type { Status } from "./status.ts";
import { age, clock, moment } from "./words.ts";

/** The feed has more incidents. */
const INCIDENTS_MAX = 10;

export interface Model {
  status?: unknown;
  history?: unknown;
  incidents?: unknown;
  /** Milliseconds since 1970. */
  now: number;
  /** Whether the browser refreshes the page. */
  isLive?: boolean;
}

export function title(headline: string, isOld: boolean): string {
  return `${isOld ? "Not current: " : ""}${headline} – cloud-design status`;
}

function headlineOf(status: Status | undefined, model: Model): string {
  if (status) return status.summary;
  return model.status === undefined ? "No check has run yet." : "The last check cannot be read.";
}

/** The platform sleeps as a whole, so no check finds a component asleep. */
type Shown = State | "asleep";

const WORDS: Record<Shown, string> = {
  up: "Up",
  degraded: "Degraded",
  down: "Down",
  unknown: "Unknown",
  asleep: "Asleep",
};

/** The page's title, and its <main>. */
export function render(model: Model): { title: string; main: string } {
  const status = readStatus(model.status);
  const checkedAt = status && Date.parse(status.checked_at);
  const intervalSeconds = status?.interval_seconds ?? DEFAULT_INTERVAL_SECONDS;
  const asleepSince = status?.asleep_since === undefined ? undefined : Date.parse(status.asleep_since);
  const fresh: Freshness = { now: model.now, checkedAt, intervalSeconds, asleepSince, isLive: model.isLive };
  const headline = headlineOf(status, model);
  const state = status?.state ?? "unknown";
  const deployed = status?.deployed_at ? clock(Date.parse(status.deployed_at), model.now) : "not known";
  const main = `<main class="${isOld(fresh) ? "old" : ""}" data-checked="${checkedAt ?? ""}" data-interval="${intervalSeconds}" data-asleep="${asleepSince ?? ""}">
<section id="overall" class="${state}">
<p id="fresh">${escapeHtml(freshness(fresh))}</p>
<h1>${icon(state)}<span aria-live="polite">${escapeHtml(headline)}</span></h1>
<p>${renderOrders(status)}</p>
</section>
<h2>Components</h2>
${renderComponents(status, { history: model.history, now: model.now, intervalSeconds })}
<h2>Incidents</h2>
<div class="incidents">${renderIncidents(model)}</div>
<p class="quiet ledger">${renderLedger(status, model.now)}</p>
<p class="quiet">Last deployment of a new version: ${deployed}.</p>
</main>`;
  return { title: title(headline, isOld(fresh)), main };
}

function renderOrders(status: Status | undefined): string {
  if (status?.asleep_since) return "How many orders wait is not counted meanwhile.";
  const { waiting, is_lower_bound, is_upper_bound, oldest_seconds, queued } = status?.orders ?? {
    waiting: 0,
    is_lower_bound: true,
  };
  if (is_lower_bound && (is_upper_bound || waiting === 0)) return "How many orders wait is not known.";
  if (waiting === 0) return "No order waits to be recorded.";
  const bound = is_lower_bound ? "At least " : is_upper_bound ? "At most " : "";
  const orders = waiting === 1 ? "1 order waits" : `${waiting} orders wait`;
  const oldest =
    oldest_seconds === undefined ? "" : `, ${waiting === 1 ? "" : "the oldest "}for ${age(oldest_seconds)}`;
  return `${bound}${orders} to be recorded${oldest}.${renderLanes(queued)}`;
}

function renderLanes(queued: Readonly<Record<string, number>> = {}): string {
  const lanes = Object.entries(queued).map(([lane, count]) => `${escapeHtml(lane)} ${count}`);
  return lanes.length === 0 ? "" : ` In the queues by lane: ${lanes.join(", ")}.`;
}

function renderLedger(status: Status | undefined, now: number): string {
  const { since, accepted, recorded, rejected, in_flight, unaccounted } = status?.orders ?? {};
  if (since === undefined || accepted === undefined || recorded === undefined || rejected === undefined)
    return "What became of the orders is not known.";
  const orders = accepted === 1 ? "1 order" : `${accepted} orders`;
  const open =
    in_flight === undefined ? `${accepted - recorded - rejected} not known` : `${in_flight} on the way`;
  const missing = unaccounted ? `, ${unaccounted} unaccounted for` : "";
  return `Since ${clock(Date.parse(since), now)}: ${orders} accepted, ${recorded} recorded, ${rejected} rejected, ${open}${missing}.`;
}

function renderComponents(
  status: Status | undefined,
  { history, now, intervalSeconds }: { history: unknown; now: number; intervalSeconds: number },
): string {
  const days = daysOf(readHistory(history, dayOf(now)));
  const rows = COMPONENT_IDS.map(
    (id) => `<li id="${id}">
${renderState(id, status, now)}
<div class="history">
${renderDays(days, id, { now, intervalSeconds })}
</div>
</li>`,
  );
  return `<ul class="components">\n${rows.join("\n")}\n</ul>\n${renderLegend()}`;
}

function renderState(id: ComponentId, status: Status | undefined, now: number): string {
  const { state, latency_ms, since } = shownOf(id, status);
  // A page of a sleeping platform is read days later.
  const at = (ms: number) => (state === "asleep" ? moment(ms) : clock(ms, now));
  const changed = since && state !== "up" ? ` since ${at(Date.parse(since))}` : "";
  // Figure spaces are as wide as digits, so that a longer number moves nothing.
  const latency = latency_ms === undefined ? "" : `${String(latency_ms).padStart(4, "\u2007")} ms`;
  return `<h3>${COMPONENTS[id]}</h3>
<p class="state">${icon(state)}${WORDS[state]}${changed}</p><p class="latency">${latency}</p>`;
}

function shownOf(
  id: ComponentId,
  status: Status | undefined,
): { state: Shown; latency_ms?: number | undefined; since?: string } {
  if (status?.asleep_since) return { state: "asleep", since: status.asleep_since };
  return status?.components[id] ?? { state: "unknown" };
}

function renderIncidents({ incidents, now }: Model): string {
  if (!Array.isArray(incidents)) return `<p class="quiet">Incidents are not known right now.</p>`;
  const known = readIncidents(incidents);
  if (known.length === 0) return `<p class="quiet">No incident has been reported.</p>`;
  return known
    .slice(0, INCIDENTS_MAX)
    .map((incident) => renderIncident(incident, now))
    .join("");
}

function renderIncident(incident: Incident, now: number): string {
  const { id, title, started, resolved, components, impact, body } = incident;
  const startedAt = Date.parse(started);
  const since = clock(startedAt, now);
  const period = resolved
    ? `Resolved: ${since} to ${clock(Date.parse(resolved), startedAt)}`
    : `Open since ${since}`;
  const what = components.map((component) => COMPONENTS[component]).join(", ");
  return `<article id="incident-${escapeHtml(id)}">
<h3>${icon(resolved ? "up" : "degraded")}${escapeHtml(title)}</h3>
<p class="quiet">${period}${what && ` · ${what}`}</p>
<p>${escapeHtml(impact)}</p>
${body && `<details${resolved ? "" : " open"}><summary>What happened</summary>${renderMarkdown(body)}</details>`}
</article>`;
}

function icon(state: Shown): string {
  return `<svg class="icon ${state}" aria-hidden="true"><use href="#${state}"/></svg>`;
}
