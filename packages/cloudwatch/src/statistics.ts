import type { Sample } from "./recording.ts";

type Statistic = (samples: readonly Sample[]) => number;

const BY_NAME: Readonly<Record<string, Statistic>> = {
  SampleCount: (samples) => total(samples, () => 1),
  Sum: (samples) => total(samples, (value) => value),
  Average: (samples) => total(samples, (value) => value) / total(samples, () => 1),
  Minimum: (samples) => samples.reduce<number>((least, sample) => Math.min(least, worthOf(sample)), Infinity),
  Maximum: (samples) => samples.reduce<number>((most, sample) => Math.max(most, worthOf(sample)), -Infinity),
};

/**
 * The statistic of a window's values ("CloudWatch statistics definitions"): Sum and the like, `p99`, `PR(1:5)`. Throws at an unknown one. A
 * percentile is the value at that rank; CloudWatch's own differs from it by little.
 */
export function statisticOf(name: string): Statistic {
  const named = BY_NAME[name];
  if (named) return named;
  const [, percent] = /^p(\d+(?:\.\d+)?)$/.exec(name) ?? [];
  if (percent !== undefined) return (samples) => percentile(samples, Number(percent));
  const [isRank, from, to] = /^PR\((\d*(?:\.\d+)?):(\d*(?:\.\d+)?)\)$/.exec(name) ?? [];
  // The range excludes its lower bound and includes its upper one.
  if (isRank) return (samples) => rank(samples, from ? Number(from) : -Infinity, to ? Number(to) : Infinity);
  throw new Error(
    `The statistic ${name} is not known here: add it to packages/cloudwatch/src/statistics.ts.`,
  );
}

const worthOf = (sample: Sample) => (typeof sample === "number" ? sample : sample[0]);
const countOf = (sample: Sample) => (typeof sample === "number" ? 1 : sample[1]);

function total(samples: readonly Sample[], worth: (value: number) => number): number {
  return samples.reduce<number>((sum, sample) => sum + worth(worthOf(sample)) * countOf(sample), 0);
}

function percentile(samples: readonly Sample[], percent: number): number {
  const sorted = samples.toSorted((one, other) => worthOf(one) - worthOf(other));
  let left = (percent / 100) * total(samples, () => 1);
  const found = sorted.find((sample) => {
    left -= countOf(sample);
    return left <= 0;
  });
  return worthOf(found ?? sorted.at(-1) ?? Number.NaN);
}

function rank(samples: readonly Sample[], above: number, upTo: number): number {
  const within = total(samples, (value) => Number(value > above && value <= upTo));
  return (100 * within) / total(samples, () => 1);
}
