// Keeps the page current: asks once a second, and changes only the parts that differ.
import type { Snapshot } from "../store/snapshot.ts";
import type { Timeline } from "../timeline/timeline.ts";
import { createDrawing } from "./drawing.ts";
import { make, showHops } from "./hops.ts";
import { duration, instant } from "./words.ts";

const REFRESH_MS = 1_000;
/** Longer than the 2 s after which the site gives up waiting for the telemetry part. */
const ANSWER_MS = 3_000;
/** As many as the list has room for, so that the content below it does not move. */
const ROWS = 10;

/** The platform's own answer that it cannot answer, with a sentence for the reader. */
class Refusal extends Error {}

const drawing = createDrawing(byId("drawing", HTMLElement));
const [fresh, list, hops, find, field] = [
  byId("fresh", HTMLElement),
  byId("list", HTMLTableElement),
  byId("hops", HTMLElement),
  byId("find", HTMLFormElement),
  byId("id", HTMLInputElement),
];
const body = list.tBodies[0] ?? list.createTBody();

let latest: Snapshot | undefined;
let chosen = new URL(location.href).searchParams.get("order") ?? "";
let isSettled = false;

function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no #${id}.`);
  return found;
}

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
  if (response.ok) return response.json();
  const { detail = `HTTP ${response.status}` } = await response.json().catch(() => ({}));
  throw new Refusal(detail);
}

async function refresh(): Promise<void> {
  try {
    latest = await ask<Snapshot>("/live/data.json");
    drawing.update(latest);
    showOrders(latest);
    say(`As of ${instant(latest.atMs).slice(11, 19)} UTC, updated every second.`);
  } catch (error) {
    const known =
      latest === undefined ? "" : ` The data below is from ${instant(latest.atMs).slice(11, 19)} UTC.`;
    say(
      `${error instanceof Refusal ? error.message : "The platform does not answer: start it with npm start."}${known}`,
      true,
    );
  }
  if (chosen !== "" && !isSettled) await follow();
}

async function refreshForever(): Promise<void> {
  // A page in the background does not need updates.
  if (!document.hidden) await refresh();
  setTimeout(refreshForever, REFRESH_MS);
}

function say(text: string, isOld = false): void {
  if (fresh.textContent !== text) fresh.textContent = text;
  document.body.classList.toggle("old", isOld);
}

function showOrders({ orders, atMs }: Snapshot): void {
  // A row that is replaced during a click would lose the click.
  if (list.matches(":active")) return;
  const rows = orders.map(({ id, orderedAtMs, outcome, isReplayed }) => {
    const link = make(
      "a",
      { href: `/live?order=${encodeURIComponent(id)}`, title: id },
      `${id.slice(0, 14)}…`,
    );
    if (id === chosen) link.setAttribute("aria-current", "true");
    const took =
      outcome.atMs === null
        ? "–"
        : duration((outcome.state === "waiting" ? atMs : outcome.atMs) - orderedAtMs);
    return make("tr", {}, [
      make("td", {}, instant(orderedAtMs).slice(11, 19)),
      make("td", {}, link),
      make("td", { class: `outcome ${outcome.state}` }, outcome.state + (isReplayed ? ", replayed" : "")),
      make("td", { class: "figure" }, took),
    ]);
  });
  const empty = Array.from({ length: Math.max(0, ROWS - rows.length) }, () =>
    make(
      "tr",
      { "aria-hidden": "true" },
      Array.from({ length: 4 }, () => make("td", {}, "\u00a0")),
    ),
  );
  const { activeElement } = document;
  const focused =
    activeElement instanceof HTMLElement && list.contains(activeElement) ? activeElement.title : undefined;
  body.replaceChildren(...rows, ...empty);
  const links = [...body.querySelectorAll("a")];
  links.find(({ title }) => title === focused)?.focus({ preventScroll: true });
}

/** The path for an order id, a trace id, or a whole traceparent, as the command line accepts them. */
function pathOf(given: string): string {
  const [, traceId = given] = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/i.exec(given) ?? [];
  return /^[\da-f]{32}$/i.test(traceId)
    ? `/live/traces/${traceId}`
    : `/live/traces?order=${encodeURIComponent(given)}`;
}

async function follow(): Promise<void> {
  const asked = chosen;
  try {
    const { timeline, orders } = await ask<{ timeline: Timeline; orders: string[] }>(pathOf(asked));
    if (asked !== chosen) return;
    if (orders.length > 1) return showChoice(orders);
    // biome-ignore lint/plugin: compared with spans, which carry wall time.
    showHops(hops, timeline, latest?.atMs ?? Date.now());
    isSettled = ["recorded", "answered"].includes(timeline.outcome.state);
  } catch (error) {
    if (asked === chosen)
      hops.replaceChildren(
        make("p", { class: "bad" }, String(error instanceof Error ? error.message : error)),
      );
  }
}

function showChoice(orders: readonly string[]): void {
  isSettled = true;
  const links = orders.map((id) =>
    make("li", {}, make("a", { href: `/live?order=${encodeURIComponent(id)}` }, id)),
  );
  hops.replaceChildren(make("p", {}, "This trace holds several orders:"), make("ul", {}, links));
}

function choose(id: string): void {
  chosen = id.trim();
  isSettled = false;
  for (const link of list.querySelectorAll("a")) {
    if (link.title === chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  field.value = chosen;
  if (chosen !== "") void follow();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const link =
    target instanceof Element ? target.closest<HTMLAnchorElement>("a[href^='/live?order=']") : null;
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  choose(new URL(link.href).searchParams.get("order") ?? "");
});
find.addEventListener("submit", (event) => {
  event.preventDefault();
  history.pushState(null, "", `/live?order=${encodeURIComponent(field.value.trim())}`);
  choose(field.value);
});
addEventListener("popstate", () => choose(new URL(location.href).searchParams.get("order") ?? ""));

field.value = chosen;
void refreshForever();
