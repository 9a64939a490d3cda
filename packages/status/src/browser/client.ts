// Keeps the page current in the browser.
import { type Freshness, freshness, isOld } from "../freshness.ts";
import { readStatus } from "../read.ts";
import { renderMain, title } from "../view.ts";
import { patch } from "./patch.ts";

const REFRESH_SECONDS_MAX = 15;
/** A laptop's probe may run more often than anybody reads. */
const REFRESH_SECONDS_MIN = 2;
const FETCH_SECONDS_MAX = 10;

const main = document.querySelector("main");
if (main) keepCurrent(main);

function keepCurrent(main: HTMLElement): void {
  const known: { status?: unknown; history?: unknown; incidents?: unknown } = {};
  // The time is the server's, and between its answers a stopwatch's: the browser's clock may be wrong.
  let offset = Number(document.body.dataset.now) - performance.now();
  const now = () => offset + performance.now();
  let refreshedAt = now();
  let failedSince: number | undefined;

  function freshNow(): Freshness {
    const { checked, interval } = main.dataset;
    return {
      now: now(),
      ...(checked && { checkedAt: Number(checked) }),
      intervalSeconds: Number(interval),
      failedSince,
      isLive: true,
    };
  }

  function tick(): void {
    const line = document.getElementById("fresh");
    const text = freshness(freshNow());
    if (line && line.textContent !== text) line.textContent = text;
    main.classList.toggle("old", isOld(freshNow()));
  }

  async function refresh(): Promise<void> {
    const [status, ...others] = await Promise.allSettled(["status", "history", "incidents"].map(load));
    const read = status?.status === "fulfilled" ? readStatus(status.value.content) : undefined;
    if (status?.status !== "fulfilled" || !read) {
      failedSince ??= refreshedAt;
      return;
    }
    const { servedAt } = status.value;
    if (!Number.isNaN(servedAt)) offset = servedAt - performance.now();
    failedSince = undefined;
    refreshedAt = now();
    known.status = status.value.content;
    const [history, incidents] = others;
    if (history?.status === "fulfilled") known.history = history.value.content;
    if (incidents?.status === "fulfilled") known.incidents = incidents.value.content;
    const template = document.createElement("template");
    template.innerHTML = renderMain({ ...known, now: now(), isLive: true });
    // What could never be loaded stays as the probe wrote it.
    if (known.history === undefined) keep(template.content, ".history");
    if (known.incidents === undefined) keep(template.content, ".incidents");
    if (template.content.firstElementChild) patch(main, template.content.firstElementChild);
    document.title = title(read);
  }

  function keep(content: DocumentFragment, selector: string): void {
    const written = main.querySelectorAll(selector);
    content.querySelectorAll(selector).forEach((element, index) => {
      const old = written[index];
      if (old) element.replaceWith(old.cloneNode(true));
    });
  }

  async function refreshForever(): Promise<void> {
    await refresh();
    tick();
    const seconds = Math.min(
      REFRESH_SECONDS_MAX,
      Math.max(REFRESH_SECONDS_MIN, Number(main.dataset.interval) || REFRESH_SECONDS_MAX),
    );
    setTimeout(refreshForever, seconds * 1_000);
  }

  void refreshForever().then(() => setInterval(tick, 1_000));
}

async function load(name: string): Promise<{ content: unknown; servedAt: number }> {
  const response = await fetch(`/status/${name}.json`, {
    cache: "no-store",
    signal: AbortSignal.timeout(FETCH_SECONDS_MAX * 1_000),
  });
  if (!response.ok) throw new Error(`${name}.json: ${response.status}`);
  const { headers } = response;
  // A cache passes on the origin's time, and says for how long it has kept the answer.
  const servedAt = Date.parse(headers.get("date") ?? "") + Number(headers.get("age")) * 1_000;
  return { content: await response.json(), servedAt };
}
