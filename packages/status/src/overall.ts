import { COMPONENT_IDS, COMPONENTS, type ComponentId, type State, type States } from "./components.ts";

const MOVIES: readonly ComponentId[] = ["inventory", "inventory-database"];
const RECORDING: readonly ComponentId[] = ["rabbitmq", "billing", "billing-database"];

/** The platform as one state, by the rule of `/api/status`: down is when nobody can read and nobody can order. */
export function overall(states: States): Exclude<State, "unknown"> {
  if (states.api === "down") return "down";
  if (states.inventory === "down" && states["orders-queue"] === "down") return "down";
  return COMPONENT_IDS.every((id) => states[id] === "up") ? "up" : "degraded";
}

/** What a caller of the API can and cannot do, in words. */
export function summarize(states: States): string {
  const isAny = (ids: readonly ComponentId[], ...wanted: State[]) =>
    ids.some((id) => wanted.includes(states[id]));
  if (!isAny(COMPONENT_IDS, "degraded", "down", "unknown")) return "Everything works.";
  if (!isAny(COMPONENT_IDS, "up", "degraded", "down")) return "Nothing is known right now.";
  if (states.api === "down") return "The API does not answer.";

  const noMovies = isAny(MOVIES, "down");
  const isDelayed = isAny(RECORDING, "degraded", "down");
  const sentences: string[] = [];
  if (noMovies) sentences.push("Movies cannot be read or changed right now.");
  if (states["orders-queue"] === "down") sentences.push("Orders cannot be placed right now.");
  else if (isAny(["api", "orders-queue"], "unknown")) {
    if (isDelayed) sentences.push("Orders are recorded with a delay.");
  } else if (isDelayed) sentences.push("Orders are accepted and recorded with a delay.");
  else if (noMovies) sentences.push("Orders are accepted.");
  if (states["sign-in"] === "down") sentences.push("Nobody can sign in right now.");

  // A service that does not answer says nothing about what is behind it: that is no news of its own.
  const isSaid = (id: ComponentId) =>
    (noMovies && MOVIES.includes(id)) || (isDelayed && RECORDING.includes(id));
  const rest = (state: State) =>
    COMPONENT_IDS.filter((id) => states[id] === state && !isSaid(id)).map((id) => COMPONENTS[id]);
  const [degraded, unknown] = [rest("degraded"), rest("unknown")];
  if (degraded.length > 0) sentences.push(`Degraded: ${degraded.join(", ")}.`);
  if (unknown.length > 0) sentences.push(`Not known right now: ${unknown.join(", ")}.`);
  return sentences.join(" ");
}
