import { printable } from "@cloud-design/local/terminal/readable-line";
import { table } from "@cloud-design/local/terminal/table";
import type { NamedStage } from "@cloud-design/stage/deployed";
import type { PartState } from "@cloud-design/stage/states";
import { age } from "@cloud-design/status";
import { onStage } from "./access.ts";
import { stageStates } from "./states.ts";

/** Prints the parts of a stage, as AWS describes them. */
export async function psOnStage(named: NamedStage, isJson: boolean): Promise<number> {
  const states = await onStage(named, stageStates);
  // biome-ignore lint/plugin: compared with the time of a change from AWS.
  console.log(isJson ? JSON.stringify(states, null, 2) : render(states, Date.now()));
  return 0;
}

function render(states: readonly PartState[], now: number): string {
  const rows = states.map(({ part, state, counts, changedAt, problem }) => [
    part,
    state,
    countsOf(counts),
    changedAt === null ? "-" : `${age((now - Date.parse(changedAt)) / 1_000)} ago`,
    printable(problem ?? ""),
  ]);
  return table([["PART", "STATE", "COUNTS", "CHANGED", ""], ...rows], []);
}

function countsOf(counts: PartState["counts"]): string {
  const { running, desired, ...others } = counts;
  const tasks = running === undefined ? [] : [`${running} of ${desired} tasks`];
  const rest = Object.entries(others).map(
    ([what, count]) => `${count.toLocaleString("en")} ${count === 1 ? what.replace(/s$/, "") : what}`,
  );
  return [...tasks, ...rest].join(", ") || "-";
}
