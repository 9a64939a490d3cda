import { platform } from "@cloud-design/local/platform/platform";
import { parseSettings, START_HELP } from "@cloud-design/local/platform/settings";
import { claimDirectory } from "@cloud-design/local/supervisor/claim";
import { printHelp } from "@cloud-design/local/supervisor/flags";
import { supervise } from "@cloud-design/local/supervisor/supervisor";

export async function run(args: string[]): Promise<number> {
  const { help, ...settings } = parseSettings(args);
  if (help) return printHelp(START_HELP);
  await claimDirectory(settings, console.log);
  return supervise({ settings, ...(await platform(settings)) });
}
