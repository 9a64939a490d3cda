import { LANE_NAMES, type Lane } from "@cloud-design/core/billing/lanes";
import type { SQSEvent } from "aws-lambda";
import type { LaneUrls } from "../shared/lane-urls.ts";

/** The lane of a batch, by the queue that it came from: a batch has messages of one queue alone. Throws for another queue. */
export function laneOfEvent({ Records: [first] }: SQSEvent, urls: LaneUrls): Lane {
  // The ARN and the URL of a queue both end in its name.
  const queue = first?.eventSourceARN.split(":").at(-1);
  const found = LANE_NAMES.find((lane) => urls[lane].split("/").at(-1) === queue);
  if (found === undefined) throw new Error(`No lane has the queue ${queue}: see ORDERS_QUEUE_URLS.`);
  return found;
}
