import { definitionOf } from "./alarm-properties.ts";
import { evaluationRange, nextState, type State } from "./alarm-state.ts";
import { measure } from "./measure.ts";
import type { Timeline } from "./recording.ts";

export interface Evaluated {
  /** The metrics that it reads, as recordings spell them. */
  keys: string[];
  /** The minutes of its evaluation range without missing data. */
  span: number;
  /** Its state at the end of each minute, from the recording's first minute, without end. */
  states(timeline: Timeline): Generator<State, never>;
}

/** An `AWS::CloudWatch::Alarm`, evaluated like CloudWatch. Throws at a property, a statistic or a function that is not known here. */
export function metricAlarm(properties: Readonly<Record<string, unknown>>): Evaluated {
  const { queries, breaches, evaluation } = definitionOf(properties);
  const { keys, period, seriesUpTo } = measure(queries);
  const range = evaluationRange(evaluation.evaluationPeriods);
  return {
    keys,
    span: evaluation.evaluationPeriods * period,
    *states(timeline) {
      const windowsUpTo = seriesUpTo(timeline, range);
      let state: State = "INSUFFICIENT_DATA";
      for (let minute = 0; ; minute += 1) {
        const windows = windowsUpTo(minute).map((value) => (value === undefined ? value : breaches(value)));
        state = nextState(windows, evaluation, state);
        yield state;
      }
    },
  };
}
