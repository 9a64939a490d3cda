import { setTimeout as sleep } from "node:timers/promises";
import { statisticOf } from "@cloud-design/cloudwatch/statistics";
import { IMPORT_LOADER } from "@cloud-design/functions/shared/import-limits";
import { importFilms } from "@cloud-design/local/seed/import-films";
import { keepPace } from "../pace.ts";
import { type Figure, figureOf } from "./figure.ts";
import { fillMovies } from "./movies.ts";
import { spreadOf } from "./rounds.ts";
import type { Shop } from "./shop.ts";

const ROWS = 100_000;
const MOVIES = 100_000;
const ROUNDS = 2;
const READS_PER_SECOND = 50;
const ALONE_SECONDS = 20;
/** Processes of loaders: as on AWS, and ten times as many. */
const PROCESSES = [1, 10];
/** The platform's own process. */
const OWN = 1;

interface Round {
  perSecond: number;
  /** Milliseconds. */
  alone: number;
  beside: number;
}

/** How fast a file goes in, and what ordinary reads feel of it, with one process of loaders and with several. */
export async function measureImports(shop: Shop, say: (doing: string) => void): Promise<Figure[]> {
  say(`filling the table with ${MOVIES.toLocaleString("en")} movies`);
  await fillMovies(shop, MOVIES);
  await using inventory = await shop.service("inventory");
  const figures: Figure[] = [];
  for (const processes of PROCESSES) {
    await using more = new AsyncDisposableStack();
    for (let started = OWN; started < processes; started++) more.use(await shop.loaders());
    const rounds: Round[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const name = `${loadersOf(processes)}, round ${round} of ${ROUNDS}`;
      rounds.push(await measureRound(shop, inventory.url, name, say));
    }
    figures.push(...figuresOf(processes, rounds));
  }
  return figures;
}

async function measureRound(
  shop: Shop,
  url: string,
  name: string,
  say: (doing: string) => void,
): Promise<Round> {
  const token = await shop.token();
  say(`${name}: reads alone`);
  const alone = await readDuring(url, token, () => sleep(ALONE_SECONDS * 1_000));
  const films = Array.from({ length: ROWS }, (_, index) => ({
    title: `${index} of ${name}`,
    description: `The plot of film ${index}, told in one sentence.`,
  }));
  const startedAt = performance.now();
  const report = (doing: string) => say(`${name}: ${doing}`);
  const beside = await readDuring(url, token, () =>
    importFilms(films, { apiUrl: shop.gatewayUrl, token, report }),
  );
  const perSecond = (ROWS / (performance.now() - startedAt)) * 1_000;
  await shop.movies`DELETE FROM movies WHERE digest IS NOT NULL`;
  await shop.movies`VACUUM ANALYZE movies`;
  return { perSecond, alone, beside };
}

/** The p99 of reads at a steady pace, of which eight in ten are of one movie, one is a page, and one a search. */
async function readDuring(url: string, token: string, work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  const reads = keepPace(READS_PER_SECOND, async () => {
    const startedAt = performance.now();
    const response = await fetch(url + pathOf(durations.length), {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`A read was answered ${response.status}.`);
    durations.push(performance.now() - startedAt);
  });
  try {
    await work();
  } finally {
    await reads.stop();
  }
  return statisticOf("p99")(durations);
}

function pathOf(turn: number): string {
  const number = 1 + Math.floor(Math.random() * MOVIES);
  if (turn % 10 === 0) return "/api/movies?limit=20";
  return turn % 10 === 1 ? `/api/movies?limit=20&title=movie%20${number}` : `/api/movies/${number}`;
}

const loadersOf = (processes: number) => `${processes * IMPORT_LOADER.concurrency} loaders`;

function figuresOf(processes: number, rounds: readonly Round[]): Figure[] {
  const loaders = loadersOf(processes);
  const [alone, beside] = [rounds.map((one) => one.alone), rounds.map((one) => one.beside)];
  const p99 = [beside, alone].map((values) => `${spreadOf(values).median.toFixed(1)} ms`);
  return [
    figureOf(
      { name: `rows of ${ROWS.toLocaleString("en")} imported, ${loaders}`, unit: "/s" },
      { ours: rounds.map(({ perSecond }) => perSecond) },
    ),
    figureOf(
      {
        name: `p99 of reads beside that import, to p99 without it, ${loaders}`,
        unit: "times",
        target: { atMost: 2 },
        also: `${p99[0]} to ${p99[1]}`,
      },
      { ours: rounds.map((one) => one.beside / one.alone) },
    ),
  ];
}
