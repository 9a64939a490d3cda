import type { Database } from "@cloud-design/core/database";
import { IdempotencyKey } from "@cloud-design/core/idempotency-key";
import type { TokenVerifier } from "@cloud-design/core/identity";
import * as Inventory from "@cloud-design/core/inventory";
import type { Log } from "@cloud-design/core/log";
import {
  authenticate,
  HttpProblem,
  json,
  methodNotAllowed,
  parse,
  parseHeader,
  parseQuery,
  readJson,
  requireScope,
} from "@cloud-design/http";
import type { Context } from "hono";
import { createServiceApp } from "../../shared/service-app.ts";
import type { ImportFiles } from "./import-files.ts";
import { type WebhookDependencies, webhookRoutes } from "./webhooks.ts";

export interface InventoryDependencies {
  database: Database;
  files: ImportFiles;
  verifier: TokenVerifier;
  webhooks: WebhookDependencies;
  siteUrl: string;
  log: Log;
}

export function createApp({ database, files, verifier, webhooks, siteUrl, log }: InventoryDependencies) {
  const components = { "inventory-database": database.isUp };
  return createServiceApp({ siteUrl, log, components })
    .use("/api/*", authenticate(verifier))
    .get("/api/movies", requireScope("movies.read"), async (c) => {
      const query = parseQuery(c, Inventory.MovieQuery);
      const page = await database.run((db) => Inventory.list(db, query), c.req.raw);
      return json(c, page.movies, 200, page.next ? { link: nextLink(c, page.next) } : {});
    })
    .post("/api/movies", requireScope("movies.write"), async (c) => {
      const idempotencyKey = parseHeader(c, "idempotency-key", IdempotencyKey);
      const body = await readMovie(c);
      const movie = await database.run(
        (db) => Inventory.create(db, body, { owner: c.var.caller.id, idempotencyKey }),
        c.req.raw,
      );
      return json(c, movie, 200, { location: `/api/movies/${movie.id}` });
    })
    .delete("/api/movies", requireScope("movies.admin"), async (c) =>
      json(c, { deleted: await database.run(Inventory.removeAll, c.req.raw) } satisfies Inventory.Deleted),
    )
    .all("/api/movies", methodNotAllowed(["GET", "HEAD", "POST", "DELETE"]))
    .get("/api/movies/:id", requireScope("movies.read"), async (c) => {
      const id = movieId(c);
      return json(c, found(await database.run((db) => Inventory.fromId(db, id), c.req.raw)));
    })
    .put("/api/movies/:id", requireScope("movies.write"), async (c) => {
      const id = movieId(c);
      const body = await readMovie(c);
      return json(c, found(await database.run((db) => Inventory.update(db, id, body), c.req.raw)));
    })
    .delete("/api/movies/:id", requireScope("movies.write"), async (c) => {
      const id = movieId(c);
      return json(c, found(await database.run((db) => Inventory.remove(db, id), c.req.raw)));
    })
    .all("/api/movies/:id", methodNotAllowed(["GET", "HEAD", "PUT", "DELETE"]))
    .post("/api/imports", requireScope("movies.write"), async (c) => {
      const body = parse(Inventory.ImportBody, await readJson(c, Inventory.ANNOUNCEMENT_BYTES_MAX));
      const made = await database.run((db) => Inventory.createImport(db, body, c.var.caller.id), c.req.raw);
      const accepted = { ...made, upload: await files.upload(made.id, body) };
      // The form is as good as the caller's token, for five minutes.
      const headers = { location: `/api/imports/${made.id}`, "cache-control": "no-store" };
      return json(c, accepted satisfies Inventory.ImportAccepted, 202, headers);
    })
    .all("/api/imports", methodNotAllowed(["POST"]))
    .get("/api/imports/:id", requireScope("movies.write"), async (c) => {
      const id = found(Inventory.ImportId.safeParse(c.req.param("id")).data, "import");
      const seen = found(
        await database.run((db) => Inventory.importFromId(db, id, c.var.caller.id), c.req.raw),
        "import",
      );
      const report = Inventory.hasReport(seen) ? { report: await files.reportUrl(id) } : {};
      return json(c, { ...seen, ...report } satisfies Inventory.ImportSeen, 200, {
        "cache-control": "no-store",
      });
    })
    .all("/api/imports/:id", methodNotAllowed(["GET", "HEAD"]))
    .route("/api/webhooks", webhookRoutes(database, webhooks));
}

async function readMovie(c: Context): Promise<Inventory.MovieBody> {
  return parse(Inventory.MovieBody, await readJson(c, Inventory.MOVIE_BYTES_MAX));
}

/** The id in the path. A malformed id gives the same 404 as an unknown one. */
function movieId(c: Context): number {
  const id = Inventory.MovieId.safeParse(c.req.param("id"));
  return found(id.data);
}

function found<T>(thing: T | undefined, noun = "movie"): T {
  if (thing === undefined) throw new HttpProblem("not-found", `There is no ${noun} with this id.`);
  return thing;
}

/** A link relation (RFC 8288), relative to the request: the service does not know the host name that the client used. */
function nextLink(c: Context, cursor: string): string {
  const query = new URL(c.req.url).searchParams;
  query.set("cursor", cursor);
  return `</api/movies?${query}>; rel="next"`;
}
