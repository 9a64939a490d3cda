/**
 * Reports what a service of AWS would report of itself, as a line of this process's log (CloudWatch user guide, "Embedded metric format
 * specification"), and nothing where nobody collects metrics, as on a laptop that just runs.
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
