import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { importFilms } from "@cloud-design/local/seed/import-films";
import postgres from "postgres";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import { queueNamed, visibilitySeconds } from "../queues.ts";
import { until } from "../until.ts";

const ROWS = 15_000;
const DEATHS = 5;

export const IMPORT_FAULTS: readonly Fault[] = [
  {
    name: "import-kill",
    hypothesis:
      "An import whose functions die again and again ends with each movie in the table once, and no order or read waits for it.",
    injection: `an import of ${ROWS.toLocaleString("en")} movies; kill -9 of the loader, ${DEATHS} times between its first and its last row, with a visibility timeout of 3 s instead of 150 s`,
    promises: ["R7"],
    isFast: true,
    needsUsualLoad: true,
    inject: (lab) => importThrough(lab, "import-loader"),
  },
  {
    name: "import-storage-kill",
    hypothesis: "An import waits for its storage, loses no row to it, and no order or read waits with it.",
    injection: `an import of ${ROWS.toLocaleString("en")} movies; kill -9 of the stand-in for S3, ${DEATHS} times between its first and its last row`,
    promises: ["R7"],
    isFast: false,
    needsUsualLoad: true,
    inject: (lab) => importThrough(lab, "site"),
  },
];

/** Imports a file while this part dies, at about the same distances. */
async function importThrough(lab: Lab, victim: string): Promise<string> {
  await using movies = new AsyncDisposableStack();
  const sql = postgres(lab.moviesAdminUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  movies.defer(() => sql.end({ timeout: 1 }));
  movies.use(await visibilitySeconds(lab, 3, [queueNamed(lab, "import-chunks")]));
  const name = `of ${victim} ${randomUUID()}`;
  const films = Array.from({ length: ROWS }, (_, index) => ({
    title: `${index} ${name}`,
    description: "",
  }));
  const count = async () => {
    const [row] = await sql`
      SELECT count(*)::int AS count, count(DISTINCT title)::int AS different FROM movies
      WHERE digest IS NOT NULL AND title LIKE ${`%${name}`}`;
    return { count: row?.count, different: row?.different };
  };
  const startedAt = performance.now();
  const imported = importFilms(films, { apiUrl: lab.gatewayUrl, token: lab.token, report: () => {} });
  // It is awaited below, after the kills.
  imported.catch(() => {});
  for (let death = 1; death <= DEATHS; death++) {
    const enough = (death * ROWS) / (DEATHS + 1);
    await until(`${enough} rows are loaded`, async () => (await count()).count >= enough);
    await lab.kill(victim);
  }
  assert.ok((await count()).count < ROWS, "the import had ended before the last kill");
  await imported;
  assert.deepEqual(await count(), { count: ROWS, different: ROWS });
  await sql`DELETE FROM movies WHERE digest IS NOT NULL AND title LIKE ${`%${name}`}`;
  return `${ROWS.toLocaleString("en")} rows in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
}
