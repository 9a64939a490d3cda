import type { Recording, Sample } from "@cloud-design/cloudwatch/recording";

/** A minute of CloudWatch's lasts so long in the laboratory. */
export const MINUTE_SECONDS = 1;

/** Rounder figures make smaller files, and no threshold is so near to what is measured. */
const DIGITS = 3;

/** Keeps what CloudWatch would have got, minute by minute, of the metrics that the alarms look at. */
export class Recorder {
  readonly wanted: ReadonlySet<string>;
  /** Of each metric, in each minute: how often each value came. */
  #series = new Map<string, Map<number, Map<number, number>>>();
  #startedAt = performance.now();

  constructor(wanted: ReadonlySet<string>) {
    this.wanted = wanted;
  }

  /** Forgets what was, and counts from 0. */
  begin(): void {
    this.#series = new Map();
    this.#startedAt = performance.now();
  }

  /** The minute that it is. */
  get minute(): number {
    return Math.floor((performance.now() - this.#startedAt) / (MINUTE_SECONDS * 1_000));
  }

  /** How long the current minute still lasts, in milliseconds. */
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

  /** Whether something came of the metric in this minute. */
  has(key: string, minute: number): boolean {
    return this.#series.get(key)?.has(minute) === true;
  }

  /** All minutes that are over. */
  recording(fault: string, phases: Recording["phases"]): Recording {
    const minutes = this.minute;
    const series = [...this.#series].sort(([one], [other]) => one.localeCompare(other));
    return {
      ...{ fault, minutes, phases },
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

/** The one wanted metric of a name whose dimensions hold this text; a name of no metric where none is wanted. */
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
