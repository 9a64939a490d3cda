import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@cloud-design/core/json";
import { localDirectory, ROOT } from "@cloud-design/local/platform/settings";
import { dataName, films } from "@cloud-design/local/seed/films";
import { importFilms } from "@cloud-design/local/seed/import-films";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { type Deployed, deployedStage, type NamedStage } from "@cloud-design/stage/deployed";
import { machineToken } from "@cloud-design/stage/machine-token";
import { REQUESTS_MAX, WINDOW_SECONDS } from "@cloud-design/stage/request-limits";
import * as z from "zod";
import { onStage } from "./access.ts";
import { inOrder, paceOf } from "./paced.ts";
import { patientPost } from "./patient-post.ts";

/** Four fifths of the firewall's limit, so that a page in a browser at the same address still loads. */
const PER_SECOND = Math.floor((REQUESTS_MAX / WINDOW_SECONDS) * 0.8);

/** The progress of a load to this site, so that the next one continues there. */
const Progress = z.object({ siteUrl: z.string(), load: z.uuid(), next: z.int().min(0) });
type Progress = z.output<typeof Progress>;

/** Loads the demo films through the public API of a stage, whose store must be empty; all of them as one import. No orders: those would be counted as sales. */
export async function seedOnStage(
  named: NamedStage,
  { all, isSure }: { all: boolean; isSure: boolean },
): Promise<number> {
  return onStage(named, async () => {
    const bodies = await films({ all });
    if (named.stage === "prod" && !isSure) {
      throw new SetupError(
        `${figure(bodies.length)} films of demo data would stand in the store of prod: add --yes if you mean it.`,
      );
    }
    const deployed = await deployedStage(named, ROOT);
    const token = keptToken(deployed);
    const file = join(localDirectory(), `seed-${named.stage}-${dataName({ all })}.json`);
    const start = await whereToBegin(deployed, file, await token());
    if (start === undefined) {
      console.log(
        `There are films in ${named.stage} already: an administrator can delete them (DELETE /api/movies).`,
      );
      return 0;
    }
    const report = (doing: string) => console.log(doing);
    const save = (next: number) => writeFileSync(file, JSON.stringify({ ...start, next }));
    mkdirSync(localDirectory(), { recursive: true });
    if (all) {
      // The next run imports again, and adds no movie twice.
      save(0);
      await importFilms(bodies, { apiUrl: start.siteUrl, token: await token(), report });
      rmSync(file);
      console.log("The demo data is loaded.");
      return 0;
    }
    console.log(plan(start.next, bodies.length));
    let sayAt = start.next + 100;
    const post = patientPost({ pace: paceOf(PER_SECOND), token, report });
    await inOrder({
      first: start.next,
      end: bodies.length,
      send: (index) =>
        post({
          url: new URL("/api/movies", start.siteUrl),
          body: bodies[index] ?? {},
          idempotencyKey: `${start.load}-movie-${index}`,
        }),
      onDone: (next) => {
        save(next);
        if (next < sayAt) return;
        console.log(`${figure(next)} of ${figure(bodies.length)}`);
        sayAt = next + 100;
      },
    });
    rmSync(file);
    console.log("The demo data is loaded.");
    return 0;
  });
}

function plan(next: number, total: number): string {
  const seconds = Math.ceil((total - next) / PER_SECOND);
  const goesOn = next > 0 ? `Going on after ${figure(next)}. ` : "";
  const time = seconds < 120 ? `${seconds} seconds` : `about ${Math.ceil(seconds / 60)} minutes`;
  return `${goesOn}${figure(total - next)} films at ${PER_SECOND} a second take ${time}: the firewall lets ${figure(REQUESTS_MAX)} requests through in ${WINDOW_SECONDS / 60} minutes from one address.`;
}

/** An empty store starts at the beginning, whatever progress was noted; a store with films continues this folder's interrupted load. */
async function whereToBegin(
  { outputs: { SiteUrl: siteUrl } }: Deployed,
  file: string,
  token: string,
): Promise<Progress | undefined> {
  const url = new URL("/api/movies?limit=1", siteUrl);
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(15_000),
  }).catch((cause: unknown) => {
    throw new SetupError(`${url} gave no answer (${cause}).`);
  });
  const said = await response.text();
  const movies = z.array(z.unknown()).safeParse(parseJson(said));
  if (!response.ok || !movies.success) {
    throw new SetupError(`The movies cannot be read: ${response.status} ${said.slice(0, 300)}`);
  }
  if (movies.data.length === 0) return { siteUrl, load: randomUUID(), next: 0 };
  const { data } = Progress.safeParse(existsSync(file) ? parseJson(readFileSync(file, "utf8")) : undefined);
  return data?.siteUrl === siteUrl ? data : undefined;
}

/** One token for all requests, since each costs money; a new one once it was refused. */
function keptToken({ access, outputs }: Deployed): (refused?: string) => Promise<string> {
  let kept = machineToken(access, outputs, "SeedClientId");
  return async (refused) => {
    const current = kept;
    if ((await current) === refused && kept === current) kept = machineToken(access, outputs, "SeedClientId");
    return kept;
  };
}

const figure = (count: number) => count.toLocaleString("en");
