/** The smallest Fargate task, which is the one that the services were measured with (docs/scaling.md). 1,024 units are one vCPU. */
export const CPU_UNITS = 256;
