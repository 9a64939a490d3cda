/** The version with quorum queues by default; 3.13 runs the same topology for a stage that requires it. */
export const BROKER_VERSION = "4.2";
