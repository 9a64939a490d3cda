import { platform } from "../platform.ts";
import { parseSettings, START_HELP } from "../settings.ts";
import { claimDirectory } from "../supervisor/claim.ts";
import { supervise } from "../supervisor/supervisor.ts";

export async function run(args: string[]): Promise<number> {
  const { help, ...settings } = parseSettings(args);
  if (help) {
    console.log(START_HELP);
    return 0;
  }
  await claimDirectory(settings, console.log);
  return supervise({ settings, ...(await platform(settings)) });
}
