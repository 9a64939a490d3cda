import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { openStore } from "../shared/status-store.ts";
import { SleeperEnvironment } from "./env.ts";
import { alarmsPart } from "./parts/alarms.ts";
import { mappingsPart } from "./parts/mappings.ts";
import { natPart } from "./parts/nat.ts";
import { pagePart } from "./parts/page.ts";
import { probePart } from "./parts/probe.ts";
import { serverPart } from "./parts/server.ts";
import { servicePart } from "./parts/service.ts";
import type { SleepAnswer } from "./protocol.ts";
import { type SleeperDependencies, sleeper } from "./sleeper.ts";
import { openState } from "./state.ts";

const environment = parseEnvironment(SleeperEnvironment);
const log = createLog("sleeper");
const { NAT_TAG, SERVERS, SERVICES } = environment;
const store = openStore(environment.BUCKET);
const watchers = [alarmsPart(environment.ALARM_PREFIX), probePart(environment.PROBE_RULE)];
const rest = [
  [mappingsPart(environment.MAPPINGS)],
  ...SERVICES.map((services) => Object.entries(services).map(([name, arn]) => servicePart(name, arn))),
  // Last of all: until then the tasks that stop record orders, and reach AWS.
  [...SERVERS.map(serverPart), ...(NAT_TAG === undefined ? [] : [natPart(NAT_TAG)])],
];
const deps: SleeperDependencies = {
  state: openState(environment.STATE_PARAMETER),
  groups: (since) => [watchers, [pagePart(store, since)], ...rest],
  now: () => new Date(),
};

/** Called by `npm run sleep` and `npm run wake`, and by the schedule. */
export async function handler(event: unknown): Promise<SleepAnswer> {
  const answer = await sleeper(deps, event);
  const { state, parts } = answer;
  const unwell = parts.filter(({ isDone }) => !isDone).map(({ part, state }) => `${part} ${state}`);
  if (parts.length > 0) log.info({ unwell }, `the stage is to be ${state.wanted}`);
  return answer;
}
