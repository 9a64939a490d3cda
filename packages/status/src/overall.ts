import { COMPONENT_IDS, COMPONENTS, type ComponentId, type State, type States } from "./components.ts";
import { platformState } from "./platform-state.ts";
import type { Status } from "./status.ts";

const MOVIES: readonly ComponentId[] = ["inventory", "inventory-database"];
const RECORDING: readonly ComponentId[] = ["rabbitmq", "billing", "billing-database"];

/**
 * Even within a minute of a busy moment no order waits this long; beyond it something is stuck, which may not be one of
 * the components.
 */
const LATE_SECONDS = 30;

type Orders = Status["orders"];

/** The state of the whole platform: that of its components, and degraded also when orders are late or unaccounted for. */
export function overall(states: States, orders?: Orders): Exclude<State, "unknown"> {
  if (states.api === "down") return "down";
  const state = platformState(states);
  return state === "up" && (isLate(orders) || orders?.unaccounted) ? "degraded" : state;
}

/** A summary of what callers of the API can and cannot do. */
export function summarize(states: States, orders?: Orders): string {
  const isAny = (ids: readonly ComponentId[], ...wanted: State[]) =>
    ids.some((id) => wanted.includes(states[id]));
  const sentences = unaccountedFor(orders);
  const isWell = !isAny(COMPONENT_IDS, "degraded", "down", "unknown") && !isLate(orders);
  if (isWell) return sentences.join(" ") || "Everything works.";
  if (!isAny(COMPONENT_IDS, "up", "degraded", "down")) return "Nothing is known right now.";
  if (states.api === "down") return ["The API does not answer.", ...sentences].join(" ");

  const noMovies = isAny(MOVIES, "down");
  const isDelayed = isAny(RECORDING, "degraded", "down") || isLate(orders);
  if (noMovies) sentences.push("Movies cannot be read or changed right now.");
  if (states["orders-queue"] === "down") sentences.push("Orders cannot be placed right now.");
  else if (isAny(["api", "orders-queue"], "unknown")) {
    if (isDelayed) sentences.push("Orders are recorded with a delay.");
  } else if (isDelayed) sentences.push("Orders are accepted and recorded with a delay.");
  else if (noMovies) sentences.push("Orders are accepted.");
  if (states["sign-in"] === "down") sentences.push("Sign-in does not work right now.");

  // A service that does not answer gives no state of its dependencies, so their unknown states are not mentioned.
  const isSaid = (id: ComponentId) =>
    (noMovies && MOVIES.includes(id)) || (isDelayed && RECORDING.includes(id));
  const rest = (state: State) =>
    COMPONENT_IDS.filter((id) => states[id] === state && !isSaid(id)).map((id) => COMPONENTS[id]);
  const [degraded, unknown] = [rest("degraded"), rest("unknown")];
  if (degraded.length > 0) sentences.push(`Degraded: ${degraded.join(", ")}.`);
  if (unknown.length > 0) sentences.push(`Not known right now: ${unknown.join(", ")}.`);
  return sentences.join(" ");
}

function isLate(orders: Orders): boolean {
  return (orders?.oldest_seconds ?? 0) > LATE_SECONDS;
}

function unaccountedFor(orders: Orders): string[] {
  const count = orders?.unaccounted ?? 0;
  if (count === 0) return [];
  if (count === 1)
    return ["1 order is unaccounted for: it was accepted, and is neither recorded nor on its way."];
  return [
    `${count} orders are unaccounted for: they were accepted, and are neither recorded nor on their way.`,
  ];
}
