import {
  type Attributes,
  type Counter,
  type Gauge,
  type Histogram,
  type MeterProvider,
  metrics,
} from "@opentelemetry/api";
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRICS,
  type MetricDefinition,
  type MetricName,
} from "./metrics-table.ts";

type Instrument = Counter | Histogram | Gauge;

/** An instrument belongs to the provider at the time of its creation; before `startTelemetry` that provider measures nothing. */
const instruments = new WeakMap<MeterProvider, Map<MetricName, Instrument>>();

/** Adds one, or `value`. */
export function count(name: CounterName, value = 1): void {
  (instrumentOf(name) as Counter).add(value);
}

export function observe(name: HistogramName, value: number, attributes: Attributes = {}): void {
  (instrumentOf(name) as Histogram).record(value, attributes);
}

/**
 * Records the time since then (ISO 8601). An absent or malformed time is not measured; clock differences never make a
 * negative duration.
 */
export function observeSince(
  name: HistogramName,
  time: string | undefined,
  attributes: Attributes = {},
): void {
  const seconds = secondsSince(time);
  if (seconds !== undefined) observe(name, Math.max(0, seconds), attributes);
}

/** Seconds since a time in ISO 8601, to the millisecond; undefined for anything else. Negative where clocks differ. */
export function secondsSince(time: string | undefined): number | undefined {
  // biome-ignore lint/plugin: another process wrote that time down, and the two share no other clock.
  const seconds = (Date.now() - Date.parse(time ?? "")) / 1_000;
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** Sets the current value of a gauge, which it keeps until the next call. */
export function set(name: GaugeName, value: number, attributes: Attributes = {}): void {
  (instrumentOf(name) as Gauge).record(value, attributes);
}

/** Reads the value at each collection of metrics; reports nothing while it is undefined. */
export function watch(name: GaugeName, read: () => number | undefined): void {
  const { unit, description } = METRICS[name];
  meterOf(metrics.getMeterProvider())
    .createObservableGauge(name, { unit, description })
    .addCallback((result) => {
      const value = read();
      if (value !== undefined) result.observe(value);
    });
}

function instrumentOf(name: MetricName): Instrument {
  const provider = metrics.getMeterProvider();
  const made = instruments.get(provider) ?? new Map<MetricName, Instrument>();
  instruments.set(provider, made);
  const instrument = made.get(name) ?? create(provider, name);
  made.set(name, instrument);
  return instrument;
}

function create(provider: MeterProvider, name: MetricName): Instrument {
  const { kind, unit, description, bounds }: MetricDefinition = METRICS[name];
  const meter = meterOf(provider);
  const options = { unit, description };
  if (kind === "counter") return meter.createCounter(name, options);
  if (kind === "gauge") return meter.createGauge(name, options);
  return meter.createHistogram(name, {
    ...options,
    ...(bounds && { advice: { explicitBucketBoundaries: [...bounds] } }),
  });
}

function meterOf(provider: MeterProvider) {
  return provider.getMeter("cloud-design");
}
