/** Of a Fargate task: its smallest, and what the services were measured with (docs/scaling.md). 1,024 are one processor. */
export const CPU_UNITS = 256;
