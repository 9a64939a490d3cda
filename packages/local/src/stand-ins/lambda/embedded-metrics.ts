/**
 * Reports a metric that a service of AWS would publish, as a line of this process's log (CloudWatch user guide, "Embedded metric format
 * specification"). Does nothing where metrics are not collected, as on a laptop by default.
 */
export function reportMetrics(
  namespace: `AWS/${string}`,
  dimensions: Readonly<Record<string, string>>,
  values: Readonly<Record<string, number>>,
): void {
  if (process.env.METRICS_NAMESPACE === undefined) return;
  const Metrics = Object.keys(values).map((Name) => ({ Name }));
  const CloudWatchMetrics = [{ Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics }];
  // biome-ignore lint/plugin: CloudWatch wants wall time.
  const line = { _aws: { Timestamp: Date.now(), CloudWatchMetrics }, ...dimensions, ...values };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
