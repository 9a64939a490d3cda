import { gzipSync } from "node:zlib";
import { ORDER_BYTES_MAX } from "@cloud-design/core/billing";
import { ANNOUNCEMENT_BYTES_MAX, MOVIE_BYTES_MAX } from "@cloud-design/core/inventory";
import { beforeAll, describe, expect, it } from "vitest";
import { call, expectProblem, fieldsOf, idOf, stopped } from "./client.ts";
import { insertMovie, leavesNoTrace, ledger, untilSettled, withChannel } from "./stores.ts";

const ORDER = { user_id: "3", number_of_items: "5", total_amount: "180" };
const MOVIE = { title: "Alien", description: "1979" };
const FILE = { format: "csv", bytes: 1, sha256: "0".repeat(64) };
const DEEP = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

function chunked(text: string): ReadableStream<Uint8Array> {
  const pieces = [text.slice(0, 1_000), text.slice(1_000)];
  return ReadableStream.from(pieces.map((piece) => Buffer.from(piece)));
}

it("would notice: an accepted body changes the ledger of these tests", async () => {
  await untilSettled();
  await using _bridge = await stopped("order-bridge");
  await withChannel(async (channel) => {
    let before = await ledger(channel);
    const changed = async () => {
      const earlier = before;
      before = await ledger(channel);
      return JSON.stringify(before) !== JSON.stringify(earlier);
    };
    expect(await changed()).toBe(false);
    await call("POST", "/api/billing", { body: ORDER });
    expect(await changed()).toBe(true);
    const id = idOf(await call("POST", "/api/movies", { body: MOVIE }));
    expect(await changed()).toBe(true);
    await call("PUT", `/api/movies/${id}`, { body: { ...MOVIE, description: "1986" } });
    expect(await changed()).toBe(true);
  });
});

describe("a bad body", () => {
  let movieId = 0;
  beforeAll(async () => {
    movieId = await insertMovie();
  });
  leavesNoTrace();

  const targets = [
    {
      method: "POST",
      name: "/api/billing",
      path: () => "/api/billing",
      good: ORDER,
      bytesMax: ORDER_BYTES_MAX,
    },
    {
      method: "POST",
      name: "/api/movies",
      path: () => "/api/movies",
      good: MOVIE,
      bytesMax: MOVIE_BYTES_MAX,
    },
    {
      method: "PUT",
      name: "/api/movies/{id}",
      path: () => `/api/movies/${movieId}`,
      good: MOVIE,
      bytesMax: MOVIE_BYTES_MAX,
    },
    {
      method: "POST",
      name: "/api/imports",
      path: () => "/api/imports",
      good: FILE,
      bytesMax: ANNOUNCEMENT_BYTES_MAX,
    },
  ];

  describe.each(targets)("the body of $method $name", ({ method, path, good, bytesMax }) => {
    const send = (body: unknown, options: object = {}) => call(method, path(), { body, ...options });
    const json = JSON.stringify(good);
    /** The problem of a body that is too deep. */
    const tooDeep = DEEP.length > bytesMax ? "payload-too-large" : "invalid-request";

    it.each([
      ["empty", ""],
      ["blank", " \n"],
      ["cut off", json.slice(0, -1)],
      ["JavaScript", "{user_id: 3}"],
      ["with a comment", `${json} // one`],
      ["two objects", `${json}${json}`],
      ["with NaN for a number", json.replace(/"\d+"/, "NaN")],
      [
        "invalid UTF-8",
        Buffer.concat([Buffer.from(json.slice(0, -2)), Buffer.from([0xff]), Buffer.from('"}')]),
      ],
      ["UTF-8 cut off in a character", Buffer.from('{"title":"é').subarray(0, -1)],
      ["overlong UTF-8", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
      ["UTF-16", Buffer.from(json, "utf16le")],
      ["compressed", gzipSync(json)],
      ["a form", "user_id=3&title=Alien"],
      ["XML", "<order/>"],
      ["a bare NUL", "\0"],
      ["with a raw control character", json.replace("{", "{\u0001")],
      ["nested without a closing bracket", "[".repeat(Math.min(30_000, bytesMax))],
    ])("is refused when it is %s", async (_what, body) => {
      expectProblem(await send(body), json.includes("NaN") ? "invalid-request" : "malformed-json");
    });

    it.each(["null", "true", "3", '"text"', "[]", `[${json}]`, "{}"])(
      "is refused when it is %s",
      async (body) => {
        expectProblem(await send(body), "invalid-request");
      },
    );

    it("is refused when it is nested 20,000 levels deep", async () => {
      for (const body of [DEEP, `{"deep":${DEEP}}`, `[${json},${DEEP}]`])
        expectProblem(await send(body), tooDeep);
    });

    it.each(Object.keys(good))("names the field %s that is missing, null, or an object", async (field) => {
      const values = [undefined, null, {}, [], [3], true];
      for (const value of values) {
        const answer = await send({ ...good, [field]: value });
        expectProblem(answer, "invalid-request");
        expect(fieldsOf(answer)).toEqual([`/${field}`]);
      }
      const deep = await send(JSON.stringify({ ...good, [field]: 0 }).replace(/:0/, `:${DEEP}`));
      expectProblem(deep, tooDeep);
    });

    it.each(["id", "Title", "titel", "user_id ", "owner", "__proto__", "constructor", "a/b~c", ""])(
      "is refused with the unknown field %j",
      async (name) => {
        const body = json.replace("{", `{${JSON.stringify(name)}:1,`);
        expectProblem(await send(body), "invalid-request");
      },
    );

    it.each([
      null,
      "",
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "application/json, text/plain",
      "application/json; charset=latin1",
      "application/json; charset=utf-16",
    ])("is refused as the content type %j", async (type) => {
      expectProblem(await send(json, { type }), "unsupported-media-type");
    });

    it.each(["gzip", "br", "deflate", "gzip, identity", "x"])(
      "is refused in the content encoding %s",
      async (encoding) => {
        const headers = { "content-encoding": encoding };
        expectProblem(await send(json, { headers }), "unsupported-media-type");
        expectProblem(await send(gzipSync(json), { headers }), "unsupported-media-type");
      },
    );

    it("is refused when it is one byte too large, with an announced length and in chunks", async () => {
      const body = json.padEnd(bytesMax + 1);
      expectProblem(await send(body), "payload-too-large");
      expectProblem(await send(chunked(body)), "payload-too-large");
    });
  });
});
