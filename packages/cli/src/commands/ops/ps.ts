import { localDirectory } from "@cloud-design/local/platform/settings";
import { askControl } from "@cloud-design/local/supervisor/control";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import type { PartStatus } from "@cloud-design/local/supervisor/fleet";
import { table } from "@cloud-design/local/terminal/table";
import { namedStage, STAGE_FLAGS } from "../../stage/flags.ts";

export async function run(args: string[]): Promise<number> {
  const { values } = parseFlags("npm run ops -- ps", args, {
    json: { type: "boolean" },
    ...STAGE_FLAGS,
  });
  const stage = namedStage(values);
  if (stage) return (await import("../../stage/ps.ts")).psOnStage(stage, values.json === true);
  const parts = await askControl<PartStatus[]>(localDirectory(), "GET", "/parts");
  console.log(values.json === true ? JSON.stringify(parts, null, 2) : tableOf(parts));
  return 0;
}

function tableOf(parts: readonly PartStatus[]): string {
  const rows = parts.map((part) => [
    part.name,
    part.state,
    String(part.pid ?? "-"),
    part.port === 0 ? "-" : String(part.port),
    part.uptimeSeconds === null ? "-" : duration(part.uptimeSeconds),
    part.memoryMegabytes === null ? "-" : `${part.memoryMegabytes} MB`,
    String(part.restarts),
  ]);
  return table([["PART", "STATE", "PID", "PORT", "UPTIME", "MEMORY", "RESTARTS"], ...rows], [2, 3, 4, 5, 6]);
}

function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
