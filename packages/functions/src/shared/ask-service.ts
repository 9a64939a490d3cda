import * as z from "zod";
import type { Component } from "./platform-status.ts";

const ASK_SECONDS = 1.5;

/** What a service says of itself and of what it leans on, at `/health/components`. A newer one may have a word that is not known here. */
const Components = z.record(z.string(), z.enum(["up", "degraded", "down"]).catch("degraded"));

/** Asks a service for itself and for what it leans on. */
export async function askService(
  name: string,
  url: string,
  leansOn: readonly string[],
  seconds = ASK_SECONDS,
): Promise<Component[]> {
  const startedAt = performance.now();
  const answer = await fetch(new URL("/health/components", url), {
    redirect: "error",
    signal: AbortSignal.timeout(seconds * 1_000),
  })
    .then(async (response) => Components.parse(await response.json()))
    .catch(() => undefined);
  const latency_ms = Math.round(performance.now() - startedAt);
  return [
    // One that answers may say of itself that it does not get on.
    { name, status: answer ? (answer[name] ?? "up") : "down", latency_ms },
    // A service that does not answer says nothing about what is behind it.
    ...(answer ? leansOn : []).map((part) => ({ name: part, status: answer?.[part] ?? "down", latency_ms })),
  ];
}
