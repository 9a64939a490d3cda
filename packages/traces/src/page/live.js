// Keeps the page current: asks once a second, and changes only the parts that differ.
import { createDrawing } from "./drawing.js";
import { make, showHops } from "./hops.js";
import { duration, instant } from "./words.js";

const REFRESH_MS = 1_000;
/** Longer than the 2 s after which the site gives up waiting for the telemetry part. */
const ANSWER_MS = 3_000;
/** As many as the list has room for, so that the content below it does not move. */
const ROWS = 10;

const byId = (id) => document.getElementById(id);
const drawing = createDrawing(byId("drawing"));
const [fresh, list, hops, find, field] = [
  byId("fresh"),
  byId("list"),
  byId("hops"),
  byId("find"),
  byId("id"),
];
const body = list.tBodies[0];

let latest;
let chosen = new URL(location.href).searchParams.get("order") ?? "";
let isSettled = false;

async function ask(path) {
  const response = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
  if (response.ok) return response.json();
  const { detail = `HTTP ${response.status}` } = await response.json().catch(() => ({}));
  throw Object.assign(new Error(detail), { status: response.status });
}

async function refresh() {
  try {
    latest = await ask("/live/data.json");
    drawing.update(latest);
    showOrders(latest.orders);
    say(`As of ${instant(latest.atMs).slice(11, 19)} UTC, updated every second.`);
  } catch (error) {
    const known =
      latest === undefined ? "" : ` The data below is from ${instant(latest.atMs).slice(11, 19)} UTC.`;
    say(
      `${"status" in error ? error.message : "The platform does not answer: start it with npm start."}${known}`,
      true,
    );
  }
  if (chosen !== "" && !isSettled) await follow();
}

async function refreshForever() {
  // A page in the background does not need updates.
  if (!document.hidden) await refresh();
  setTimeout(refreshForever, REFRESH_MS);
}

function say(text, isOld = false) {
  if (fresh.textContent !== text) fresh.textContent = text;
  document.body.classList.toggle("old", isOld);
}

function showOrders(orders) {
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
        : duration((outcome.state === "waiting" ? latest.atMs : outcome.atMs) - orderedAtMs);
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
  const focused = list.contains(document.activeElement) ? document.activeElement.title : undefined;
  body.replaceChildren(...rows, ...empty);
  const links = [...body.querySelectorAll("a")];
  links.find(({ title }) => title === focused)?.focus({ preventScroll: true });
}

/** The path for an order id, a trace id, or a whole traceparent, as the command line accepts them. */
function pathOf(given) {
  const [, traceId = given] = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/i.exec(given) ?? [];
  return /^[\da-f]{32}$/i.test(traceId)
    ? `/live/traces/${traceId}`
    : `/live/traces?order=${encodeURIComponent(given)}`;
}

async function follow() {
  const asked = chosen;
  try {
    const { timeline, orders } = await ask(pathOf(asked));
    if (asked !== chosen) return;
    if (orders.length > 1) return showChoice(orders);
    // biome-ignore lint/plugin: compared with spans, which carry wall time.
    showHops(hops, timeline, latest?.atMs ?? Date.now());
    isSettled = ["recorded", "answered"].includes(timeline.outcome.state);
  } catch (error) {
    if (asked === chosen) hops.replaceChildren(make("p", { class: "bad" }, error.message));
  }
}

function showChoice(orders) {
  isSettled = true;
  const links = orders.map((id) =>
    make("li", {}, make("a", { href: `/live?order=${encodeURIComponent(id)}` }, id)),
  );
  hops.replaceChildren(make("p", {}, "This trace holds several orders:"), make("ul", {}, links));
}

function choose(id) {
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
  const link = event.target.closest("a[href^='/live?order=']");
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  choose(new URL(link.href).searchParams.get("order"));
});
find.addEventListener("submit", (event) => {
  event.preventDefault();
  history.pushState(null, "", `/live?order=${encodeURIComponent(field.value.trim())}`);
  choose(field.value);
});
addEventListener("popstate", () => choose(new URL(location.href).searchParams.get("order") ?? ""));

field.value = chosen;
void refreshForever();
