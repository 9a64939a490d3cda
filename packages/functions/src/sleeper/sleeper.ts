import { converge, type Part } from "./converge.ts";
import { lastEvening } from "./evening.ts";
import { type SleepAnswer, SleepRequest, type SleepState } from "./protocol.ts";

export interface SleeperDependencies {
  state: { read(): Promise<SleepState>; write(state: SleepState): Promise<void> };
  /** In the order in which they fall asleep. `since` is shown on the status page. */
  groups(since: string | undefined): readonly (readonly Part[])[];
  now(): Date;
}

/** Takes a request, or the tick of a schedule, makes one pass, and says how far it got. */
export async function sleeper(deps: SleeperDependencies, event: unknown): Promise<SleepAnswer> {
  const request = SleepRequest.parse(event);
  const before = await deps.state.read();
  const state = decide(before, request, deps.now());
  // First of all: after a failure from here on the schedule goes on.
  if (state !== before) await deps.state.write(state);
  if (state.wanted === "awake" && state.isSettled) return { state, parts: [] };
  const { parts, isDone } = await converge(deps.groups(state.since), state.wanted);
  if (isDone === state.isSettled) return { state, parts };
  const after = { ...state, isSettled: isDone };
  // A command may have decided otherwise meanwhile, and the next pass follows that.
  const { wanted, since } = await deps.state.read();
  if (wanted === state.wanted && since === state.since) await deps.state.write(after);
  return { state: after, parts };
}

/** The state to work towards. It is the same object when nothing has changed. */
function decide(before: SleepState, request: SleepRequest, now: Date): SleepState {
  const state = withEvening(before, request, now);
  const evening = state.evening && lastEvening(state.evening, now);
  // The hour that struck last is over for those who decide by themselves: a stage that is woken at night stays awake until the next evening.
  const isDue = evening !== undefined && evening > (state.evening?.doneOn ?? "");
  const wanted = request.wanted ?? (isDue ? "asleep" : state.wanted);
  const evened =
    state.evening && evening && (isDue || request.wanted)
      ? { ...state, evening: { ...state.evening, doneOn: evening } }
      : state;
  if (wanted === state.wanted) return evened;
  const by = request.by ?? `every evening at ${state.evening?.at}`;
  return { ...evened, wanted, since: now.toISOString(), by, isSettled: false };
}

function withEvening(before: SleepState, { evening }: SleepRequest, now: Date): SleepState {
  if (evening === undefined) return before;
  const { evening: _, ...rest } = before;
  return evening === "off" ? rest : { ...rest, evening: { ...evening, doneOn: lastEvening(evening, now) } };
}
