import { KINDS, type Kind, MIX, type Phase } from "./scenarios.ts";

export interface Arrival {
  /** In milliseconds from the start of the run. */
  at: number;
  kind: Kind;
  /** The phase's place in the list. */
  phase: number;
}

/**
 * The arrivals of a run, in their order: independent callers, whose gaps are exponential (a Poisson process), and who do not wait for each
 * other's answers. The same for the same numbers.
 */
export function* arrivalsOf(phases: readonly Phase[], random: () => number): Generator<Arrival> {
  let begin = 0;
  for (const [phase, { perSecond, seconds }] of phases.entries()) {
    const end = begin + seconds * 1_000;
    const gap = () => (-Math.log(1 - random()) * 1_000) / perSecond;
    for (let at = begin + gap(); at < end; at += gap()) yield { at, kind: kindOf(random()), phase };
    begin = end;
  }
}

/** The kind at this place, from 0 to 1, of the mix. */
function kindOf(place: number): Kind {
  let left = place * 100;
  return (
    KINDS.find((kind) => {
      left -= MIX[kind];
      return left < 0;
    }) ?? "order"
  );
}
