import { runSst } from "../sst.ts";

/** `pnpm sst ...`, `npm run sst -- ...`: SST itself, with everything it knows. */
export function run(args: string[]): Promise<number> {
  return runSst(args);
}
