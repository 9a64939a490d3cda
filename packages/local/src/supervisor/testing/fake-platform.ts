// A platform of fake parts in its own process, whose supervisor a test can interrupt and kill.

import { localDirectory, parseSettings } from "../../platform/settings.ts";
import { claimDirectory } from "../claim.ts";
import { explain } from "../errors.ts";
import { SetupError } from "../part.ts";
import { supervise } from "../supervisor.ts";
import { type FakePart, fakePart } from "./fake-parts.ts";

export interface FakePlan {
  /** The path of the journal, outside the directory of the platform, which must be empty at first. */
  journal: string;
  parts: FakePart[];
  tasks?: { name: string; needs: string[]; failure?: string }[];
}

const { journal, parts, tasks = [] }: FakePlan = JSON.parse(process.argv[2] ?? "");
const settings = { ...parseSettings(process.argv.slice(3)), directory: localDirectory() };

try {
  await claimDirectory(settings, console.log);
  const code = await supervise({
    settings,
    parts: parts.map((part) => fakePart(journal, part)),
    tasks: tasks.map(({ name, needs, failure }) => ({
      name,
      needs,
      run: async (report) => {
        report("counting to 1");
        report("counting to 2");
        if (failure !== undefined) throw new SetupError(failure);
      },
    })),
    extra: { issuer: "https://issuer.example" },
    summary: () => ["all is ready"],
  });
  process.exit(code);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
