import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { ask } from "./ask.ts";
import type { Component } from "./platform-status.ts";

const ASK_SECONDS = 1.5;
const ANSWER_BYTES_MAX = 100_000;

/**
 * The answer of `/health/components`: the state of a service and of its dependencies. A newer service may use a word
 * that is unknown here.
 */
const Components = z.record(z.string(), z.enum(["up", "degraded", "down"]).catch("degraded"));

/** Asks a service for its own state and that of its dependencies. */
export async function askService(
  name: string,
  url: string,
  leansOn: readonly string[],
  seconds = ASK_SECONDS,
): Promise<Component[]> {
  const startedAt = performance.now();
  const answer = await ask(new URL("/health/components", url), { seconds, bytesMax: ANSWER_BYTES_MAX })
    .then(({ body }) => Components.parse(parseJson(body.toString())))
    .catch(() => undefined);
  const latency_ms = Math.round(performance.now() - startedAt);
  return [
    // A service that answers may report itself as degraded.
    { name, status: answer ? (answer[name] ?? "up") : "down", latency_ms },
    // The dependencies of a service that does not answer are unknown.
    ...(answer ? leansOn : []).map((part) => ({ name: part, status: answer?.[part] ?? "down", latency_ms })),
  ];
}
