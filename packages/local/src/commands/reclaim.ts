import { localDirectory } from "../settings.ts";
import { reclaim } from "../supervisor/reclaim.ts";

export async function run(): Promise<number> {
  const names = await reclaim(localDirectory());
  if (names.length > 0) console.log(`Stopped what a killed start had left running: ${names.join(", ")}.`);
  return 0;
}
