import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RECORDINGS, type Recording } from "@cloud-design/cloudwatch/recording";

/** One line for each metric, so that a diff is readable. */
export function writeRecording({ fault, minutes, phases, series }: Recording): void {
  const head = JSON.stringify({ fault, minutes, phases }, null, 2).slice(0, -2);
  const rows = Object.entries(series).map(
    ([key, values]) => `    ${JSON.stringify(key)}: ${JSON.stringify(values)}`,
  );
  mkdirSync(RECORDINGS, { recursive: true });
  writeFileSync(join(RECORDINGS, `${fault}.json`), `${head},\n  "series": {\n${rows.join(",\n")}\n  }\n}\n`);
}
