import { byLane, LANES } from "@cloud-design/core/billing/lanes";
import type { LaneUrls } from "@cloud-design/functions/shared/lane-urls";
import type { Settings } from "./settings.ts";

/** A server of this machine, as our own processes reach it. */
export function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Where Prometheus reads the metrics of a process. */
export function metricsUrl(port: number): string {
  return `${local(port)}/metrics`;
}

/** A queue of the stand-in for SQS, whose account is 000000000000. */
export function queueUrl({ ports }: Settings, name: string): string {
  return `${local(ports.sqs)}/000000000000/${name}`;
}

/** The queue of each lane. */
export function laneUrls(settings: Settings): LaneUrls {
  return byLane((lane) => queueUrl(settings, LANES[lane].sqs));
}
