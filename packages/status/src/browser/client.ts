// Keeps the page current in the browser.
import { type Freshness, freshness, isOld } from "../freshness.ts";
import { readStatus } from "../read.ts";
import { render, title } from "../view.ts";
import { patch } from "./patch.ts";

const REFRESH_SECONDS_MAX = 15;
/** The shortest refresh interval: a laptop's probe may run more often than a reader needs. */
const REFRESH_SECONDS_MIN = 2;
const FETCH_SECONDS_MAX = 10;

const main = document.querySelector("main") ?? document.body;
const known: { status?: unknown; history?: unknown; incidents?: unknown } = {};

// The time is the server's, advanced between its answers by the monotonic clock: the browser's own clock may be wrong.
let offset = Number(document.body.dataset.now) - performance.now();
const now = () => offset + performance.now();

let refreshedAt = now();
let failedSince: number | undefined;

async function refreshForever(): Promise<void> {
  const isRefreshed = await refresh().catch(() => false);
  if (isRefreshed) refreshedAt = now();
  failedSince = isRefreshed ? undefined : refreshedAt;
  tick();
  const seconds = Math.max(REFRESH_SECONDS_MIN, Number(main.dataset.interval));
  setTimeout(refreshForever, Math.min(REFRESH_SECONDS_MAX, seconds) * 1_000);
}

async function refresh(): Promise<boolean> {
  const [status, history, incidents] = await Promise.all([
    load("status"),
    load("history").catch(() => undefined),
    load("incidents").catch(() => undefined),
  ]);
  if (status.servedAt !== undefined) offset = status.servedAt - performance.now();
  // Before the first check the status is missing, which is not an error.
  if (status.isMissing && !main.dataset.checked) return true;
  if (!readStatus(status.content)) return false;
  known.status = status.content;
  known.history = history?.content ?? known.history;
  known.incidents = incidents?.content ?? known.incidents;
  const template = document.createElement("template");
  template.innerHTML = render({ ...known, now: now(), isLive: true }).main;
  // A part that could never be loaded stays as the probe wrote it.
  if (known.history === undefined) keep(".history", template.content);
  if (known.incidents === undefined) keep(".incidents", template.content);
  if (template.content.firstElementChild) patch(main, template.content.firstElementChild);
  return true;
}

async function load(name: string): Promise<{ content?: unknown; isMissing: boolean; servedAt?: number }> {
  const response = await fetch(`/status/${name}.json`, {
    cache: "no-store",
    signal: AbortSignal.timeout(FETCH_SECONDS_MAX * 1_000),
  });
  const { headers, ok, status } = response;
  // A cache passes on the origin's Date, and says in Age for how long it has kept the answer.
  const servedAt = Date.parse(headers.get("date") ?? "") + Number(headers.get("age")) * 1_000;
  return {
    ...(ok && { content: await response.json() }),
    isMissing: status === 404,
    ...(!Number.isNaN(servedAt) && { servedAt }),
  };
}

function keep(selector: string, content: DocumentFragment): void {
  const written = main.querySelectorAll(selector);
  content.querySelectorAll(selector).forEach((element, index) => {
    const old = written[index];
    if (old) element.replaceWith(old.cloneNode(true));
  });
}

/** Updates the parts that change with time alone. */
function tick(): void {
  const { checked, interval, asleep } = main.dataset;
  const fresh: Freshness = {
    now: now(),
    checkedAt: checked ? Number(checked) : undefined,
    intervalSeconds: Number(interval),
    asleepSince: asleep ? Number(asleep) : undefined,
    failedSince,
    isLive: true,
  };
  const line = document.getElementById("fresh");
  const text = freshness(fresh);
  if (line && line.textContent !== text) line.textContent = text;
  main.classList.toggle("old", isOld(fresh));
  document.title = title(document.querySelector("h1")?.textContent ?? "", isOld(fresh));
}

void refreshForever().then(() => setInterval(tick, 1_000));
