/** Unacknowledged messages that a billing process holds: what another can take over at once when it dies. */
export const IN_FLIGHT_MAX = 500;

/** From SIGTERM to the end of the process. ECS kills 60 s after SIGTERM; what has not drained in this time will not. */
export const DRAIN_SECONDS = 25;
