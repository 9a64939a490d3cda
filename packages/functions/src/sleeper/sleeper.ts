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
  // A command looks at each part all the same: what is stored may be older than what a person has done.
  const isAsked = request.wanted !== undefined;
  if (state.wanted === "awake" && state.isSettled && !isAsked) return { state, parts: [] };
  const { parts, isDone } = await converge(deps.groups(state.since), state.wanted);
  if (isDone === state.isSettled) return { state, parts };
  // A command may have decided otherwise meanwhile, and the next pass follows that.
  const latest = await deps.state.read();
  if (latest.wanted === state.wanted && latest.since === state.since)
    await deps.state.write({ ...latest, isSettled: isDone });
  return { state: { ...state, isSettled: isDone }, parts };
}

/** The state to work towards. It is the same object when nothing has changed. */
function decide(before: SleepState, request: SleepRequest, now: Date): SleepState {
  const state = withHold(withEvening(before, request, now), request, now);
  const isHeld = (state.heldUntil ?? "") > now.toISOString();
  if (isHeld && request.wanted === "asleep")
    throw new Error(
      `The stage is being deployed, and stays awake until that has ended, or until ${state.heldUntil?.slice(0, 16).replace("T", " ")} UTC if it was interrupted: try again then.`,
    );
  const evening = state.evening && lastEvening(state.evening, now);
  // The hour that struck last is over for those who decide by themselves: a stage that is woken at night stays awake until the next evening.
  const isDue = !isHeld && evening !== undefined && evening > (state.evening?.doneOn ?? "");
  const wanted = request.wanted ?? (isDue ? "asleep" : state.wanted);
  const evened =
    state.evening && evening && (isDue || request.wanted)
      ? { ...state, evening: { ...state.evening, doneOn: evening } }
      : state;
  if (wanted === state.wanted) return evened;
  const by = request.by ?? `every evening at ${state.evening?.at}`;
  return { ...evened, wanted, since: now.toISOString(), by, isSettled: false };
}

function withHold(before: SleepState, { holdMinutes }: SleepRequest, now: Date): SleepState {
  if (holdMinutes === undefined) return before;
  const { heldUntil: _, ...rest } = before;
  if (holdMinutes === 0) return rest;
  return { ...rest, heldUntil: new Date(now.getTime() + holdMinutes * 60_000).toISOString() };
}

function withEvening(before: SleepState, { evening }: SleepRequest, now: Date): SleepState {
  if (evening === undefined) return before;
  const { evening: _, ...rest } = before;
  return evening === "off" ? rest : { ...rest, evening: { ...evening, doneOn: lastEvening(evening, now) } };
}
