import { runSst } from "../sst.ts";

/** `pnpm sst ...`, `npm run sst -- ...`: SST itself, with all of its commands. */
export function run(args: string[]): Promise<number> {
  return runSst(args);
}
