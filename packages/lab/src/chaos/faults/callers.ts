import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { importFilms } from "@cloud-design/local/seed/import-films";
import postgres from "postgres";
import * as z from "zod";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { queueNamed, visibilitySeconds } from "../queues.ts";
import { injectSteps, kill, recipe, SOUP_INGREDIENTS, VISIBILITY_SECONDS } from "../soup.ts";
import { until } from "../until.ts";

const SEED = 1;
const SECONDS = 40;
/** The functions behind imports and webhooks, and the stand-in for S3. */
const PARTS = ["import-splitter", "import-loader", "webhook-delivery", "site"];
const STEPS = recipe(SEED, SECONDS, [...SOUP_INGREDIENTS, ...PARTS.map((part) => kill(part, () => part))]);
const FILMS = 2_000;
const PAUSE_MS = 500;

export const CALLER_FAULTS: readonly Fault[] = [
  {
    name: "imports-and-webhooks",
    hypothesis:
      "Whatever dies or freezes meanwhile, an import ends with each of its movies in the table once, and a webhook hears of each recorded order.",
    injection: `${STEPS.length} overlapping faults, among them kill -9 of the functions for imports and webhooks and of the stand-in for S3, while files of ${FILMS.toLocaleString("en")} movies are imported one after the other`,
    promises: ["R5"],
    isFast: false,
    needsUsualLoad: true,
    mayRefuse: { orders: true, reads: true },
    // The last fault may have been a freeze.
    recoverySecondsMax: 30,
    prepare(lab) {
      const others = ["imports", "import-chunks", "webhook-deliveries"].map((name) => queueNamed(lab, name));
      return visibilitySeconds(lab, VISIBILITY_SECONDS, [...Object.values(lab.queues.lanes), ...others]);
    },
    inject: importAndHear,
  },
];

async function importAndHear(lab: Lab, load: Load): Promise<string> {
  await using webhook = await openWebhook(lab);
  const before = load.operations.length;
  const ending = new AbortController();
  const faults = injectSteps(lab, STEPS).finally(() => ending.abort());
  // It is awaited once the imports have ended.
  faults.catch(() => {});
  const imports = await importUntil(lab, ending.signal).finally(() => faults);
  const later = load.operations.slice(before);
  const placed = later.flatMap(({ outcome, ids }) => (outcome === "acknowledged" ? ids : []));
  await until("the webhook has heard of each recorded order", async () => {
    const recorded = await lab.sql<{ id: string }[]>`SELECT id FROM orders WHERE id = ANY(${placed})`;
    return recorded.length === placed.length && recorded.every(({ id }) => webhook.heard.has(id));
  });
  return `${imports} imports, each movie once; the webhook heard of ${placed.length} orders`;
}

/** Imports one file after the other until the signal, as callers do: what was not answered is sent again. Resolves with their number. */
async function importUntil(lab: Lab, ending: AbortSignal): Promise<number> {
  const sql = postgres(lab.moviesAdminUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  const run = randomUUID();
  try {
    let imports = 0;
    for (; !ending.aborted; imports++) {
      const name = `${imports} of ${run}`;
      const films = Array.from({ length: FILMS }, (_, index) => ({
        title: `${index} in ${name}`,
        description: "",
      }));
      await until(`import ${imports} ends`, () => isImported(lab, films));
      const [found] = await sql`
        SELECT count(*)::int AS count, count(DISTINCT title)::int AS different FROM movies
        WHERE digest IS NOT NULL AND title LIKE ${`%in ${name}`}`;
      assert.deepEqual({ ...found }, { count: FILMS, different: FILMS });
    }
    return imports;
  } finally {
    await sql`DELETE FROM movies WHERE digest IS NOT NULL AND title LIKE ${`%of ${run}`}`;
    await sql.end({ timeout: 1 });
  }
}

/** False if an answer was missing; throws if the platform has given the import up. */
async function isImported(
  { gatewayUrl: apiUrl, token }: Lab,
  films: Parameters<typeof importFilms>[0],
): Promise<boolean> {
  try {
    await importFilms(films, { apiUrl, token, report: () => {} });
    return true;
  } catch (error) {
    if (String(error).includes("import of the films has failed")) throw error;
    await sleep(PAUSE_MS);
    return false;
  }
}

const Event = z.object({ data: z.object({ id: z.string() }) });

/** A receiver with a webhook of the ordinary user, and the orders that it has heard of. */
async function openWebhook(lab: Lab) {
  const heard = new Set<string>();
  const receiver = createServer(async (request, response) => {
    heard.add(Event.parse(JSON.parse(await text(request))).data.id);
    response.writeHead(204).end();
  });
  await once(receiver.listen(0, "127.0.0.1"), "listening");
  const ask = (path: string, init: RequestInit) =>
    fetch(new URL(path, lab.gatewayUrl), {
      ...init,
      headers: { authorization: `Bearer ${lab.token}`, "content-type": "application/json" },
    });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const body = JSON.stringify({ url, events: ["order.recorded"] });
  const created = await ask("/api/webhooks", { method: "POST", body });
  const { id } = z.object({ id: z.string() }).parse(await created.json());
  return {
    heard,
    async [Symbol.asyncDispose]() {
      await until("the webhook is deleted", () =>
        ask(`/api/webhooks/${id}`, { method: "DELETE" }).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      receiver.close().closeAllConnections();
    },
  };
}
