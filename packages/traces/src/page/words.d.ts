import type { Timeline } from "../timeline/timeline.ts";

export function duration(ms: number): string;
export function instant(ms: number): string;
export function sentence(timeline: Pick<Timeline, "outcome" | "startedAtMs">, nowMs: number): string;
