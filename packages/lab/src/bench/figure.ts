import { ratioOf, type Spread, spreadOf } from "./rounds.ts";

/** The aim of a figure: a share of the bare counterpart, or a bound of its own. */
export type Target = { ratio: number } | { atLeast: number } | { atMost: number };

/** One line of the results. */
export interface Figure {
  name: string;
  unit: "/s" | "ms" | "s" | "KB" | "MB" | "times";
  ours: Spread;
  /** The bare counterpart, which prepares its statements. */
  bare?: Spread;
  /** The same, without prepared statements. */
  unprepared?: Spread;
  /** ours / bare, round by round. */
  ratio?: Spread;
  target?: Target;
  /** Further measurements, in words. */
  also?: string;
}

interface Rounds {
  ours: readonly number[];
  bare?: readonly number[];
  unprepared?: readonly number[];
}

export function figureOf(
  { name, unit, target, also }: Pick<Figure, "name" | "unit" | "target" | "also">,
  { ours, bare, unprepared }: Rounds,
): Figure {
  return {
    name,
    unit,
    ours: spreadOf(ours),
    ...(bare && { bare: spreadOf(bare), ratio: ratioOf(ours, bare) }),
    ...(unprepared && { unprepared: spreadOf(unprepared) }),
    ...(target && { target }),
    ...(also !== undefined && { also }),
  };
}

export function isReached({ target, ours, ratio }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  if ("ratio" in target) return (ratio?.median ?? 0) >= target.ratio;
  return "atLeast" in target ? ours.median >= target.atLeast : ours.median <= target.atMost;
}

/** The figures whose ratio fell by more than a tenth since the last published run, in sentences. */
export function fallenSince(
  published: ReadonlyMap<string, number>,
  figures: readonly Pick<Figure, "name" | "ratio">[],
): string[] {
  return figures.flatMap(({ name, ratio }) => {
    const before = published.get(name);
    if (before === undefined || ratio === undefined || ratio.median >= before * 0.9) return [];
    return [
      `${name}: ${ratio.median.toFixed(2)} of the bare one, and ${before.toFixed(2)} when last published`,
    ];
  });
}
