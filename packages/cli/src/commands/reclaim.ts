import { localDirectory } from "@cloud-design/local/platform/settings";
import { reclaim } from "@cloud-design/local/supervisor/reclaim";

export async function run(): Promise<number> {
  const names = await reclaim(localDirectory());
  if (names.length > 0) console.log(`Stopped what a killed start had left running: ${names.join(", ")}.`);
  return 0;
}
