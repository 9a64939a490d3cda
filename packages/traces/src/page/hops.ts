// The hops of one order as a waterfall.
import type { Timeline } from "../timeline/timeline.ts";
import { duration, instant, sentence } from "./words.ts";

export function showHops(place: Element, timeline: Timeline, nowMs: number): void {
  const { orderId, traceIds, startedAtMs, hops } = timeline;
  const endMs = Math.max(startedAtMs + 0.001, ...hops.map((hop) => hop.endMs ?? nowMs));
  const share = (ms: number) => `${((ms / (endMs - startedAtMs)) * 100).toFixed(2)}%`;
  const head = make("dl", {}, [
    ...(orderId === null ? [] : entry("order", orderId)),
    ...entry("trace", traceIds.join(", ") || "none"),
    ...entry(orderId === null ? "began" : "ordered", instant(startedAtMs)),
    ...entry("outcome", sentence(timeline, nowMs), `outcome ${timeline.outcome.state}`),
  ]);
  const rows = hops.map((hop) => {
    const bar = make("span", { class: "bar" });
    bar.style.marginInlineStart = `min(${share(hop.startMs - startedAtMs)}, 100% - 3px)`;
    bar.style.width = share((hop.endMs ?? nowMs) - hop.startMs);
    const words = make("div", {}, [
      make("b", {}, hop.where),
      ` ${hop.what}${hop.attempts > 1 ? ` × ${hop.attempts}` : ""}`,
      ...hop.notes.map((note) => make("small", {}, note)),
    ]);
    const track = make("span", { class: "track", "aria-hidden": "true" }, [bar]);
    const what = make("td", { class: "what" }, make("div", {}, [words, track]));
    return make("tr", { class: `${hop.kind}${hop.isFailed ? " bad" : ""}` }, [
      make("td", { class: "figure" }, `+${duration(hop.startMs - startedAtMs)}`),
      make("td", { class: "figure" }, hop.endMs === null ? "until now" : duration(hop.endMs - hop.startMs)),
      what,
    ]);
  });
  const titles: [title: string, kind: string][] = [
    ["Start", "figure"],
    ["Took", "figure"],
    ["Hop", ""],
  ];
  const heading = make("thead", {}, [
    make(
      "tr",
      {},
      titles.map(([title, kind]) => make("th", { scope: "col", class: kind }, title)),
    ),
  ]);
  place.replaceChildren(head, make("table", {}, [heading, make("tbody", {}, rows)]));
}

function entry(name: string, value: string, kind = ""): HTMLElement[] {
  return [make("dt", {}, name), make("dd", { class: kind }, value)];
}

type Content = string | Node;

/** An element of the page. An empty attribute is left out. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  content: Content | Content[] = [],
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes))
    if (value !== "") made.setAttribute(attribute, value);
  made.append(...(Array.isArray(content) ? content : [content]));
  return made;
}
