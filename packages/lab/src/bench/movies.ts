import { type Figure, figureOf } from "./figure.ts";
import { type Answered, ask, type Requests } from "./requests.ts";
import { spreadOf, turned } from "./rounds.ts";
import type { Shop } from "./shop.ts";

const ROUNDS = 5;
const SECONDS = 2;
const IDS = 500;
export const SMALL = 1_000;
const POSTED = { title: "Posted", description: "A movie that the bench has posted." };
const SERVERS = ["ours", "bare", "unprepared"] as const;
type Server = (typeof SERVERS)[number];

interface Question extends Pick<Requests, "paths" | "clients" | "method" | "body"> {
  name: string;
  ratio: number;
}

function questions(movies: number): Question[] {
  const paths = Array.from({ length: IDS }, () => `/api/movies/${1 + Math.floor(Math.random() * movies)}`);
  const post = { method: "POST", body: JSON.stringify(POSTED), paths: ["/api/movies"] } as const;
  // The word is in a tenth of the titles.
  const search = ["/api/movies?title=movie%201"];
  return [
    { name: "GET movie by id, 32 clients", paths, clients: 32, ratio: 0.6 },
    { name: "POST movie, 32 clients", ...post, clients: 32, ratio: 0.5 },
    { name: "GET list of 1,000, 16 clients", paths: ["/api/movies"], clients: 16, ratio: 0.7 },
    { name: "GET by title, 16 clients", paths: search, clients: 16, ratio: 0.7 },
  ];
}

/** Replaces the table by this many movies, with ids from 1. The digits of a title are turned round: a word is then in old and new movies. */
export async function fillMovies({ movies: sql }: Shop, count: number): Promise<void> {
  await sql`TRUNCATE movies RESTART IDENTITY`;
  await sql`
    INSERT INTO movies (title, description)
    SELECT 'Movie ' || reverse(number::text), 'The plot of movie ' || number || ', told in one sentence.'
    FROM generate_series(1, ${count}::int) AS number`;
  await sql`VACUUM ANALYZE movies`;
}

/** The requests of each question a second, against inventory and against bare servers on the same table. */
export async function measureMovies(
  shop: Shop,
  movies: number,
  say: (doing: string) => void,
): Promise<Figure[]> {
  say(`filling the table with ${movies.toLocaleString("en")} movies`);
  await fillMovies(shop, movies);
  await using ours = await shop.service("inventory");
  const database = { DATABASE_URL: shop.moviesUrl };
  await using bare = await shop.bare("bare-server", { ...database, PREPARE: "true" });
  await using unprepared = await shop.bare("bare-server", { ...database, PREPARE: "false" });
  const urls = { ours: ours.url, bare: bare.url, unprepared: unprepared.url };
  const headers = { authorization: `Bearer ${await shop.token()}`, "content-type": "application/json" };
  const figures: Figure[] = [];
  for (const { name, ratio, ...question } of questions(movies)) {
    const answered: Record<Server, Answered[]> = { ours: [], bare: [], unprepared: [] };
    const put = (server: Server, seconds: number) =>
      ask({ ...question, url: urls[server], headers, seconds });
    for (const server of SERVERS) await put(server, 1);
    const processorMs = ours.processorMs();
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of turned(SERVERS, round)) {
        say(`${name}, round ${round + 1} of ${ROUNDS}, ${server}`);
        answered[server].push(await put(server, SECONDS));
        if (question.method === "POST") await shop.movies`DELETE FROM movies WHERE title = ${POSTED.title}`;
      }
    }
    const rates = (server: Server) => answered[server].map(({ perSecond }) => perSecond);
    const p99 = spreadOf(answered.ours.map((one) => one.p99)).median;
    const requests = answered.ours.reduce((sum, { count }) => sum + count, 0);
    const cpu = (ours.processorMs() - processorMs) / requests;
    figures.push(
      figureOf(
        { name, unit: "/s", target: { ratio }, also: `p99 ${p99.toFixed(1)} ms, CPU ${cpu.toFixed(2)} ms` },
        { ours: rates("ours"), bare: rates("bare"), unprepared: rates("unprepared") },
      ),
    );
  }
  return figures;
}

/** The slowest of a hundred searches by one client: for a word of one title, of no title, of a tenth of them, of three letters. */
export async function measureSearch(
  shop: Shop,
  movies: number,
  say: (doing: string) => void,
): Promise<Figure> {
  await using ours = await shop.service("inventory");
  const headers = { authorization: `Bearer ${await shop.token()}` };
  const words = [`Movie ${movies - 1}`, "no such title", "movie 1", "999"];
  const paths = words.map((word) => `/api/movies?limit=20&title=${encodeURIComponent(word)}`);
  const search = () => ask({ url: ours.url, paths, headers, clients: 1, seconds: SECONDS });
  await search();
  const answered: Answered[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    say(`title search, round ${round + 1} of ${ROUNDS}`);
    answered.push(await search());
  }
  const name = `title search in ${movies.toLocaleString("en")} movies, p99`;
  const p50 = spreadOf(answered.map((one) => one.p50)).median;
  return figureOf(
    { name, unit: "ms", target: { atMost: 10 }, also: `median ${p50.toFixed(1)} ms` },
    { ours: answered.map((one) => one.p99) },
  );
}
