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

/** Instruments of the API are those of the provider that was there when they were made; before `startTelemetry` that is one that measures nothing. */
const instruments = new WeakMap<MeterProvider, Map<MetricName, Instrument>>();

/** One more, or `value` more. */
export function count(name: CounterName, value = 1): void {
  (instrumentOf(name) as Counter).add(value);
}

export function observe(name: HistogramName, value: number, attributes: Attributes = {}): void {
  (instrumentOf(name) as Histogram).record(value, attributes);
}

/** How long ago that was (ISO 8601). A time that nobody wrote down, or that is none, is not measured; clocks that differ make no negative one. */
export function observeSince(name: HistogramName, time: string | undefined): void {
  const seconds = secondsSince(time);
  if (seconds !== undefined) observe(name, Math.max(0, seconds));
}

/** To the millisecond, since a time in ISO 8601; undefined when it is none. Negative where clocks differ. */
export function secondsSince(time: string | undefined): number | undefined {
  // biome-ignore lint/plugin: another process wrote that time down, and the two share no other clock.
  const seconds = (Date.now() - Date.parse(time ?? "")) / 1_000;
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** What it is now, until it is set again. */
export function set(name: GaugeName, value: number, attributes: Attributes = {}): void {
  (instrumentOf(name) as Gauge).record(value, attributes);
}

/** Asks for the value whenever somebody reads the metrics; while there is none, nothing is reported. */
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
