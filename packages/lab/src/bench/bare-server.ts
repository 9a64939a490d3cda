// `node bare-server.ts`: what inventory does with its table and nothing else. No token, no trace, no log, no validation.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import postgres from "postgres";

const sql = postgres(process.env.DATABASE_URL ?? "", {
  max: 10,
  fetch_types: false,
  prepare: process.env.PREPARE === "true",
});
const PAGE = 1_000;

async function answer(method: string, url: URL, body: () => Promise<unknown>): Promise<unknown> {
  const [, id] = /^\/api\/movies\/(\d+)$/.exec(url.pathname) ?? [];
  if (id !== undefined)
    return (await sql`SELECT id, title, description FROM movies WHERE id = ${Number(id)}`)[0];
  if (method === "POST") {
    const { title, description } = (await body()) as { title: string; description: string };
    const [row] = await sql`
      INSERT INTO movies (title, description) VALUES (${title}, ${description}) RETURNING id, title, description`;
    return row;
  }
  const title = url.searchParams.get("title");
  return title === null
    ? sql`SELECT id, title, description FROM movies ORDER BY id DESC LIMIT ${PAGE}`
    : sql`SELECT id, title, description FROM movies WHERE title ILIKE ${`%${title}%`} ORDER BY id DESC LIMIT ${PAGE}`;
}

createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const found = await answer(request.method ?? "GET", url, () => json(request));
  response.setHeader("content-type", "application/json").end(JSON.stringify(found));
}).listen(Number(process.env.PORT), "127.0.0.1");
