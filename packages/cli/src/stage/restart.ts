import { SetupError } from "@cloud-design/local/supervisor/part";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { FUNCTIONS, isFunction, isService, SERVICES } from "@cloud-design/stage/parts";
import { rebootBroker, rebootDatabase } from "@cloud-design/stage/reboot";
import { resourcesOf, type StageAccess } from "@cloud-design/stage/resources";
import { restartFunction } from "@cloud-design/stage/restart-function";
import { rollOut } from "@cloud-design/stage/service-rollout";
import { onStage } from "./access.ts";

const INTERRUPTED = 130;

/** The parts that AWS can only reboot, and what is not available meanwhile. */
const REBOOTS = {
  rabbitmq: {
    outage: "RabbitMQ is away for some minutes: orders are accepted and wait in SQS.",
    begin: rebootBroker,
  },
  "inventory-database": {
    outage:
      "The server is away for a minute or two, outside prod that of billing too: movies cannot be read.",
    begin: (stage: StageAccess) => rebootDatabase(stage, "inventory"),
  },
  "billing-database": {
    outage: "The server is away for a minute or two, outside prod that of inventory too: orders wait.",
    begin: (stage: StageAccess) => rebootDatabase(stage, "billing"),
  },
};
const isReboot = (part: string): part is keyof typeof REBOOTS => Object.hasOwn(REBOOTS, part);
const PARTS = [...Object.keys(SERVICES), ...Object.keys(FUNCTIONS), ...Object.keys(REBOOTS)];

/** Restarts one part after the other, in the order given, in the way that AWS has for its kind. */
export async function restartOnStage(named: NamedStage, parts: string[], isSure: boolean): Promise<number> {
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined || parts.length === 0) {
    const problem = unknown === undefined ? "Name a part" : `A stage has no part ${unknown} to restart`;
    throw new SetupError(`${problem}: the parts are ${PARTS.join(", ")}.`);
  }
  const reboot = parts.find(isReboot);
  if (reboot !== undefined && !isSure) {
    throw new SetupError(`${REBOOTS[reboot].outage} Add --yes to reboot it all the same.`);
  }
  process.once("SIGINT", leave);
  try {
    for (const part of parts) {
      const report = (doing: string) => console.log(`${part}: ${doing}`);
      report(await onStage(named, (stage) => restart(stage, part, report)));
    }
  } finally {
    process.off("SIGINT", leave);
  }
  return 0;
}

function leave(): never {
  console.error(
    "\nThe restart continues at AWS without this command: `npm run ops -- ps --stage ...` shows it.",
  );
  process.exit(INTERRUPTED);
}

async function restart(stage: StageAccess, part: string, report: (doing: string) => void): Promise<string> {
  const startedAt = performance.now();
  const resources = resourcesOf(stage);
  if (isService(part)) {
    await rollOut(stage, await resources.physicalId(SERVICES[part].resource), report);
  } else if (isFunction(part)) {
    await restartFunction(stage, await resources.physicalId(FUNCTIONS[part].resource));
  } else if (isReboot(part)) {
    await REBOOTS[part].begin(stage);
    return `reboots now; \`npm run ops -- ps --stage ${stage.stage}\` shows when it is back`;
  }
  return `ready again after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}
