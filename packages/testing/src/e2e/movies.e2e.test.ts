import { MOVIE_BYTES_MAX } from "@cloud-design/core/inventory/movie";
import { describe, expect, it } from "vitest";
import { call, expectProblem, idOf } from "./client.ts";
import { moviesDatabase } from "./stores.ts";

async function create(title: string, description = "A film."): Promise<string> {
  return idOf(await call("POST", "/api/movies", { body: { title, description } }));
}

describe("a movie", () => {
  it("is created with 200, and found at its Location", async () => {
    const answer = await call("POST", "/api/movies", { body: { title: "Alien", description: "1979" } });
    const id = Number(idOf(answer));
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ id, title: "Alien", description: "1979" });
    expect(answer.headers.get("location")).toBe(`/api/movies/${id}`);
    expect((await call("GET", `/api/movies/${id}`)).json).toEqual(answer.json);
  });

  it("keeps every character of its text", async () => {
    const movie = { title: '  Amélie\'s "%_\\" 天使 🎬 ', description: "'; DROP TABLE movies; --\n\t<b>" };
    const id = idOf(await call("POST", "/api/movies", { body: movie }));
    expect((await call("GET", `/api/movies/${id}`)).json).toEqual({ id: Number(id), ...movie });
  });

  it("is replaced by PUT", async () => {
    const id = await create("Alein");
    const answer = await call("PUT", `/api/movies/${id}`, { body: { title: "Alien", description: "1979" } });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ id: Number(id), title: "Alien", description: "1979" });
    expect((await call("GET", `/api/movies/${id}`)).json).toEqual(answer.json);
  });

  it("is not found after DELETE, by any method", async () => {
    const path = `/api/movies/${await create("Gone with the Wind")}`;
    expect((await call("DELETE", path)).status).toBe(200);
    expectProblem(await call("GET", path), "not-found");
    expectProblem(await call("PUT", path, { body: { title: "Back", description: "" } }), "not-found");
    expectProblem(await call("DELETE", path), "not-found");
  });

  it("may be as large as 256 KB of JSON", async () => {
    const empty = JSON.stringify({ title: "Long", description: "" }).length;
    const body = JSON.stringify({ title: "Long", description: "x".repeat(MOVIE_BYTES_MAX - empty) });
    expect(Buffer.byteLength(body)).toBe(256 * 1024);
    const answer = await call("POST", "/api/movies", { body });
    expect(answer.status).toBe(200);
    expect((await call("GET", `/api/movies/${idOf(answer)}`)).text).toHaveLength(answer.text.length);
  });

  it("answers at its path with a trailing slash too", async () => {
    const created = await call("POST", "/api/movies/", { body: { title: "Slash", description: "" } });
    expect(created.status).toBe(200);
    const path = `/api/movies/${idOf(created)}/`;
    expect((await call("GET", path)).json).toEqual(created.json);
    expect((await call("PUT", path, { body: { title: "Slashed", description: "" } })).status).toBe(200);
    expect((await call("GET", "/api/movies/?title=Slashed")).json).toHaveLength(1);
    expect((await call("DELETE", path)).status).toBe(200);
  });

  it("answers HEAD as GET, without the body", async () => {
    const id = await create("Head");
    for (const path of [`/api/movies/${id}`, "/api/movies?limit=1", "/api/movies/999999999"]) {
      const [get, head] = [await call("GET", path), await call("HEAD", path)];
      expect(head.text).toBe("");
      expect(head.status).toBe(get.status);
      for (const name of ["content-type", "link"]) expect(head.headers.get(name)).toBe(get.headers.get(name));
      // RFC 9110, section 8.6: the length of the answer to GET, or no length.
      expect([null, get.headers.get("content-length")]).toContain(head.headers.get("content-length"));
    }
  });
});

describe("scopes", () => {
  it("let a reader only read", async () => {
    const path = `/api/movies/${await create("Read only")}`;
    const body = { title: "Written", description: "" };
    expect((await call("GET", path, { as: "reader" })).status).toBe(200);
    for (const refused of [
      await call("POST", "/api/movies", { as: "reader", body }),
      await call("PUT", path, { as: "reader", body }),
      await call("DELETE", path, { as: "reader" }),
    ]) {
      expectProblem(refused, "insufficient-scope");
      expect(refused.json).toMatchObject({ detail: expect.stringContaining("movies.write") });
      expect(refused.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
    }
    expect((await call("GET", path)).json).toMatchObject({ title: "Read only" });
  });

  it("let only an administrator delete every movie", async () => {
    await create("Survivor");
    const refused = await call("DELETE", "/api/movies");
    expectProblem(refused, "insufficient-scope");
    expect(refused.json).toMatchObject({ detail: expect.stringContaining("movies.admin") });
    const [{ count } = { count: 0 }] = await moviesDatabase`SELECT count(*)::int FROM movies`;
    expect(count).toBeGreaterThan(0);

    const deleted = await call("DELETE", "/api/movies", { as: "admin" });
    expect(deleted.status).toBe(200);
    expect(deleted.json).toEqual({ deleted: count });
    expect((await call("GET", "/api/movies")).json).toEqual([]);
  });
});
