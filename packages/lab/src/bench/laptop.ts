import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { family, memoryMegabytes } from "@cloud-design/local/supervisor/process-table";
import { freePorts, launch } from "../launch.ts";
import { leaveBySignal } from "../leave.ts";
import { type Figure, figureOf } from "./figure.ts";

const REST_SECONDS = 45;
const WARM_STARTS = 3;

/** How long `npm start` takes, the first time and again, and how much memory all its processes hold at rest. */
export async function measureLaptop(say: (doing: string) => void): Promise<Figure[]> {
  const stack = new AsyncDisposableStack();
  const leave = leaveBySignal(stack);
  const seconds: number[] = [];
  let memory: number | undefined;
  try {
    const directory = join(stack.use(await temporaryDirectory()).path, "platform");
    const flags = await freePorts();
    for (let start = 0; start <= WARM_STARTS; start++) {
      say(start === 0 ? "starting for the first time" : `starting again, ${start} of ${WARM_STARTS}`);
      const began = performance.now();
      const { child, exited, platform } = await launch(directory, flags);
      const stop = async () => {
        child.kill("SIGTERM");
        await exited;
      };
      stack.defer(stop);
      seconds.push((performance.now() - began) / 1_000);
      if (start === WARM_STARTS) {
        say(`resting for ${REST_SECONDS} s`);
        await sleep(REST_SECONDS * 1_000);
        const parts = Object.values(platform.parts).flatMap(({ pid }) => pid ?? []);
        memory = memoryMegabytes([platform.supervisor.pid, ...parts.flatMap(family)]);
      }
      await stop();
    }
  } finally {
    await leave();
  }
  const [first = Number.NaN, ...again] = seconds;
  return [
    figureOf({ name: "first start, with the demo data", unit: "s" }, { ours: [first] }),
    figureOf({ name: "warm start", unit: "s", target: { atMost: 7 } }, { ours: again }),
    ...(memory === undefined
      ? []
      : [
          figureOf(
            {
              name: `memory of all parts and their supervisor after ${REST_SECONDS} s at rest`,
              unit: "MB",
              target: { atMost: 650 },
            },
            { ours: [memory] },
          ),
        ]),
  ];
}
