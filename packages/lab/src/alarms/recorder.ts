import type { Recording, Sample } from "@cloud-design/cloudwatch/recording";

/** Seconds of the laboratory that stand for a minute of CloudWatch. */
export const MINUTE_SECONDS = 1;

/** Significant digits. Rounding makes smaller files, and no measured value is that close to a threshold. */
const DIGITS = 3;

/** Keeps the values that CloudWatch would have received, minute by minute, for the metrics that the alarms use. */
export class Recorder {
  readonly wanted: ReadonlySet<string>;
  /** For each metric and minute: how often each value came. */
  #series = new Map<string, Map<number, Map<number, number>>>();
  #startedAt = performance.now();

  constructor(wanted: ReadonlySet<string>) {
    this.wanted = wanted;
  }

  /** Drops all values, and starts at minute 0. */
  begin(): void {
    this.#series = new Map();
    this.#startedAt = performance.now();
  }

  /** The current minute. */
  get minute(): number {
    return Math.floor((performance.now() - this.#startedAt) / (MINUTE_SECONDS * 1_000));
  }

  /** The rest of the current minute, in milliseconds. */
  get restOfMinute(): number {
    const length = MINUTE_SECONDS * 1_000;
    return length - ((performance.now() - this.#startedAt) % length);
  }

  take(key: string, sample: Sample, minute = this.minute): void {
    if (!this.wanted.has(key)) return;
    const [value, count] = typeof sample === "number" ? [sample, 1] : sample;
    const values = entry(entry(this.#series, key), minute);
    const rounded = Number(value.toPrecision(DIGITS));
    values.set(rounded, (values.get(rounded) ?? 0) + count);
  }

  /** Whether the metric has a value in this minute. */
  has(key: string, minute: number): boolean {
    return this.#series.get(key)?.has(minute) === true;
  }

  /** All complete minutes. */
  recording(fault: string, phases: Recording["phases"]): Recording {
    const minutes = this.minute;
    const series = [...this.#series].sort(([one], [other]) => one.localeCompare(other));
    return {
      fault,
      minutes,
      phases,
      series: Object.fromEntries(
        series.map(([key, ofMinutes]) => [
          key,
          Object.fromEntries(
            [...ofMinutes]
              .filter(([minute]) => minute < minutes)
              .map(([minute, values]) => [minute, [...values].map(asSample)]),
          ),
        ]),
      ),
    };
  }
}

/** The only wanted metric with this name whose dimensions contain this text. If no metric is wanted, a name that belongs to no metric. */
export function keyOf(wanted: ReadonlySet<string>, name: string, dimension = ""): string {
  const [key = "", ...more] = [...wanted].filter(
    (candidate) => candidate.startsWith(`${name} `) && candidate.includes(dimension),
  );
  if (more.length > 0) throw new Error(`${name} with ${dimension} is more than one metric: ${more}`);
  return key;
}

function asSample([value, count]: [number, number]): Sample {
  return count === 1 ? value : [value, count];
}

function entry<Key, Value>(map: Map<Key, Map<number, Value>>, key: Key): Map<number, Value> {
  const known = map.get(key) ?? new Map<number, Value>();
  map.set(key, known);
  return known;
}
