import type { Part } from "@cloud-design/local/supervisor/part";
import { type RunningPart, startPart } from "@cloud-design/local/supervisor/process";

/** A process that ends with this one, although it leads its own process group, which a Ctrl-C does not reach. */
export async function startProcess(part: Part, logFile: string): Promise<RunningPart> {
  const running = await startPart(part, { logFile });
  process.once("exit", running.kill);
  void running.exited.then(() => process.off("exit", running.kill));
  return running;
}
