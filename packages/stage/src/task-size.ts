/** The smallest Fargate task, which is the one that the services were measured with (docs/scaling.md). 1,024 units are one vCPU. */
export const CPU_UNITS = 256;

/** In % of the CPU of inventory's tasks: running tasks serve twice the load until more have started, which takes four minutes (docs/scaling.md). */
export const CPU_TARGET = 50;
/** Requests a minute for each task of inventory: half of what it does at the cost of a request under little load (docs/scaling.md). */
export const REQUESTS_TARGET = 9_000;
