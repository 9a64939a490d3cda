import type { Timeline } from "../trace/timeline.ts";

export function duration(ms: number): string;
export function instant(ms: number): string;
export function sentence(timeline: Pick<Timeline, "outcome" | "startedAtMs">, nowMs: number): string;
