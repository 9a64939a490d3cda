import { changeParts } from "./change-parts.ts";

export function run(args: string[]): Promise<number> {
  return changeParts("stop", args);
}
