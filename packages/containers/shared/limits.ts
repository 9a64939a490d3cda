import { LANES } from "@cloud-design/core/billing/lanes";

/**
 * The prefetch of a billing process over all lanes: the messages that it holds unacknowledged, and that another process
 * gets at once when it dies.
 */
export const IN_FLIGHT_MAX = Object.values(LANES).reduce((sum, { prefetch }) => sum + prefetch, 0);

/**
 * From SIGTERM to the end of the process. ECS kills it 60 s after SIGTERM, but a drain that takes longer than this will
 * not finish.
 */
export const DRAIN_SECONDS = 25;
