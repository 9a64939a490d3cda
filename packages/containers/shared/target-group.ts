/** How the load balancer checks the processes of a service and takes them out: Elastic Load Balancing on AWS, and its stand-in on the laptop. */
export const TARGET_GROUP = {
  // `ready` reports on the process only: a database outage must not take all tasks out of service.
  path: "/health/ready",
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  // Longer than the 15 s of the longest request.
  deregistrationSeconds: 20,
} as const;
