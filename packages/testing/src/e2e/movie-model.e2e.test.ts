import * as fc from "fast-check";
import { expect, it } from "vitest";
import { validOf } from "./arbitraries.ts";
import { type Answer, call, expectProblem, idOf } from "./client.ts";
import { openApiDocument } from "./documents.ts";
import { moviesDatabase } from "./stores.ts";

/** The chains are always the same: FUZZ_SEED gives others, FUZZ_RUNS runs more. */
const { FUZZ_RUNS = 40, FUZZ_SEED = 20_261 } = process.env;

type Movie = { title: string; description: string };
/** The movies that the store should hold, by id. */
type Model = Map<string, Movie>;
type Command = fc.AsyncCommand<Model, object>;

const MovieBody = openApiDocument.components.schemas.MovieBody ?? {};
const body = validOf(MovieBody) as fc.Arbitrary<Movie>;

function command(name: string, run: (model: Model) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

/** An existing movie, or an id that was deleted or never used. */
function chosen(model: Model, index: number): string {
  return [...model.keys(), "1", "9007199254740991"][index % (model.size + 2)] ?? "1";
}

function expectMovie(answer: Answer, id: string, movie: Movie | undefined): void {
  if (movie === undefined) expectProblem(answer, "not-found");
  else expect([answer.status, answer.json]).toEqual([200, { id: Number(id), ...movie }]);
}

const create = body.map((movie) =>
  command(`create ${JSON.stringify(movie)}`, async (model) => {
    const answer = await call("POST", "/api/movies", { body: movie });
    const id = idOf(answer);
    expect(model.has(id)).toBe(false);
    expectMovie(answer, id, movie);
    expect(answer.headers.get("location")).toBe(`/api/movies/${id}`);
    model.set(id, movie);
  }),
);
const read = fc.nat(20).map((index) =>
  command(`read ${index}`, async (model) => {
    const id = chosen(model, index);
    expectMovie(await call("GET", `/api/movies/${id}`), id, model.get(id));
  }),
);
const replace = fc.tuple(fc.nat(20), body).map(([index, movie]) =>
  command(`replace ${index} ${JSON.stringify(movie)}`, async (model) => {
    const id = chosen(model, index);
    if (model.has(id)) model.set(id, movie);
    expectMovie(await call("PUT", `/api/movies/${id}`, { body: movie }), id, model.get(id));
  }),
);
const remove = fc.nat(20).map((index) =>
  command(`delete ${index}`, async (model) => {
    const id = chosen(model, index);
    const answer = await call("DELETE", `/api/movies/${id}`);
    if (model.delete(id)) expect(answer.status).toBe(200);
    else expectProblem(answer, "not-found");
  }),
);
const removeAll = fc.constant(
  command("delete all", async (model) => {
    const answer = await call("DELETE", "/api/movies", { as: "admin" });
    expect([answer.status, answer.json]).toEqual([200, { deleted: model.size }]);
    model.clear();
  }),
);
const list = fc.integer({ min: 1, max: 4 }).map((limit) =>
  command(`list by ${limit}`, async (model) => {
    const listed: unknown[] = [];
    for (let next: string | undefined = `/api/movies?limit=${limit}`; next !== undefined; ) {
      const { json, headers } = await call("GET", next);
      listed.push(...(Array.isArray(json) ? json : [json]));
      [, next] = /<(.+)>/.exec(headers.get("link") ?? "") ?? [];
    }
    expect(listed).toEqual([...model].toReversed().map(([id, movie]) => ({ id: Number(id), ...movie })));
  }),
);

it("the store equals the model after requests in any order", async () => {
  const commands = fc.commands([create, create, read, replace, remove, removeAll, list], { maxCommands: 12 });
  await fc.assert(
    fc.asyncProperty(commands, async (chain) => {
      await moviesDatabase`DELETE FROM movies`;
      await fc.asyncModelRun(() => ({ model: new Map(), real: {} }), chain);
    }),
    { ...(FUZZ_SEED !== "random" && { seed: Number(FUZZ_SEED) }), numRuns: Number(FUZZ_RUNS) },
  );
});
