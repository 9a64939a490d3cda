import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessToken } from "../stand-ins/cognito/sign-in.ts";
import { SetupError } from "../supervisor/part.ts";
import { dataName, films } from "./films.ts";
import { importFilms } from "./import-films.ts";

/** The beginning of the names of the files that record how much of the demo data is loaded. */
const NOTE = "demo-data-load";
const CONCURRENCY = 16;
/** Each of these users places this many orders, so that a status page and a ledger have something to show. */
const ORDERS_EACH = 3;

interface SeedOptions {
  gatewayUrl: string;
  inventoryUrl: string;
  identityUrl: string;
  /** The file that records how much of the demo data is loaded. */
  state: string;
  /** All rows of the data, not only the well-known films. */
  all?: boolean;
  report: (doing: string) => void;
}

/**
 * Loads the demo data, once: the orders through the public API, and the movies through inventory's own, which has the same paths and no throttle; all
 * films as one import. An interrupted load continues where it stopped: each request has an idempotency key that is unique to the load, and films that
 * were imported are not added again.
 */
export async function seed({
  gatewayUrl,
  inventoryUrl,
  identityUrl,
  state,
  all = false,
  report,
}: SeedOptions): Promise<void> {
  const done = join(state, "demo-data-loaded");
  if (existsSync(done)) return;
  const noteOf = (isAll: boolean) => join(state, `${NOTE}-${dataName({ all: isAll })}`);
  const isAll = all || existsSync(noteOf(true));
  const load = loadId(noteOf(isAll));
  const token = async (user: "ordinary" | "premium" | "admin") =>
    (await accessToken({ identityUrl, user })).accessToken;
  const [ordinary, premium, admin] = await Promise.all([token("ordinary"), token("premium"), token("admin")]);

  const bodies = await films({ all: isAll });
  if (isAll) await importFilms(bodies, { apiUrl: gatewayUrl, token: admin, report });
  const movies = (isAll ? [] : bodies).map((body, index) => ({
    url: `${inventoryUrl}/api/movies`,
    token: admin,
    key: `movie-${index}`,
    body,
  }));
  const orders = [ordinary, premium].flatMap((buyer, user) =>
    Array.from({ length: ORDERS_EACH }, (_, index) => ({
      url: `${gatewayUrl}/api/billing`,
      token: buyer,
      key: `order-${user}-${index}`,
      body: {
        user_id: String(user + 1),
        number_of_items: String(index + 1),
        total_amount: `${(index + 1) * 9}.99`,
      },
    })),
  );
  const requests = [...movies, ...orders];
  let sent = 0;
  const queue = requests.values();
  const worker = async () => {
    for (const { url, token, key, body } of queue) {
      await post(url, { token, key: `${load}-${key}`, body });
      sent++;
      if (sent % 100 === 0) report(`${sent.toLocaleString("en")} of ${requests.length.toLocaleString("en")}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  writeFileSync(done, `${new Date().toISOString()}\n`);
}

/** Forgets that the demo data was loaded, so that the next load creates new rows. */
export function forgetSeed(state: string): void {
  const notes = readdirSync(state).filter((name) => name.startsWith(NOTE));
  for (const name of notes) rmSync(join(state, name));
}

function loadId(path: string): string {
  if (existsSync(path)) return readFileSync(path, "utf8");
  const id = randomUUID();
  writeFileSync(path, id);
  return id;
}

async function post(
  url: string,
  { token, key, body }: { token: string; key: string; body: object },
): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok)
    throw new SetupError(
      `The demo data could not be loaded: ${text} Start without it: npm start -- --no-seed`,
    );
}
