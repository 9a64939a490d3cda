import { createHash } from "node:crypto";
import { CONTENT_TYPES, type ImportFormat } from "@cloud-design/core/inventory/import";
import { chunkKey, reportKey, uploadKey } from "@cloud-design/core/inventory/import-keys";
import { describe, expect, test } from "vitest";
import { split } from "./split.ts";

const ID = "0c4f8a52-61a5-4d0e-9d3f-0d5f0f5b8c11";
const DIGEST = /^[\w-]{43}$/;

/** Splits a file that arrives in pieces of so many bytes, from a bucket in memory. */
async function splitFile(format: ImportFormat, file: string | Uint8Array, pieceBytes = 64 * 1024) {
  const bytes = Buffer.from(file as string);
  const written = new Map<string, string>();
  async function* body() {
    for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
  }
  const messages = await split(ID, {
    async read(key) {
      expect(key).toBe(uploadKey(ID));
      const text = async () => bytes.toString();
      return { bytes: bytes.length, contentType: CONTENT_TYPES[format], body: body(), text };
    },
    async write(key, content) {
      written.set(key, content);
    },
  });
  const lines = (key: string) =>
    (written.get(key) ?? "")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const [outcome, ...chunks] = messages;
  const movies = chunks.flatMap((_, chunk) => lines(chunkKey(ID, chunk)));
  return {
    outcome,
    chunks,
    report: lines(reportKey(ID)),
    titles: movies.map(({ title }) => title),
    movies: movies.map(({ digest, ...movie }) => {
      expect(digest).toMatch(DIGEST);
      return movie;
    }),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");

describe("CSV", () => {
  test.each<[string, string | Uint8Array]>([
    ["LF", "title,description\nPlaytime,Comedy\nMon Oncle,1958\n"],
    ["CRLF", "title,description\r\nPlaytime,Comedy\r\nMon Oncle,1958\r\n"],
    ["CR", "title,description\rPlaytime,Comedy\rMon Oncle,1958"],
    ["no end of the last line", "title,description\nPlaytime,Comedy\nMon Oncle,1958"],
    ["blank lines", "title,description\n\nPlaytime,Comedy\n\n\nMon Oncle,1958\n\n"],
    ["the columns in another order and case", ' Description ,TITLE\nComedy,Playtime\n"1958",Mon Oncle\n'],
    ["a UTF-8 byte order mark", "\ufefftitle,description\nPlaytime,Comedy\nMon Oncle,1958\n"],
    ["UTF-16, little endian", utf16("title,description\nPlaytime,Comedy\nMon Oncle,1958\n")],
    ["UTF-16, big endian", utf16("title,description\nPlaytime,Comedy\nMon Oncle,1958\n").swap16()],
    ["white space around the values", "title,description\n Playtime , Comedy\nMon Oncle\t,1958 \n"],
  ])("is read with %s, in pieces of any size", async (_, file) => {
    for (const pieceBytes of [1, 2, 3, 7, 65_536]) {
      const { movies, outcome, sha256, chunks } = await splitFile("csv", file, pieceBytes);
      expect(movies).toEqual([
        { title: "Playtime", description: "Comedy" },
        { title: "Mon Oncle", description: "1958" },
      ]);
      expect(outcome).toEqual({ import: ID, sha256, chunks: 1, rows: 2, bad: 0, duplicates: 0 });
      expect(chunks).toEqual([{ import: ID, sha256, chunk: 0, rows: 2 }]);
    }
  });

  test("keeps quotes, commas and line ends within quotes, and composes accents", async () => {
    const file =
      'title,description\r\n"Les ""Vacances"", de M. Hulot","a,\r\nb"\r\n"Trafic\u0301","5\' 10"" tall"\r\n';
    for (const pieceBytes of [1, 5, 65_536]) {
      const { movies } = await splitFile("csv", file, pieceBytes);
      expect(movies).toEqual([
        { title: 'Les "Vacances", de M. Hulot', description: "a,\nb" },
        { title: "Trafi\u0107", description: "5' 10\" tall" },
      ]);
    }
  });

  test("reports each bad row with its line, and keeps the good ones", async () => {
    const lines = [
      "title,description",
      '"Playtime","two',
      'lines"',
      ",no title",
      "one field",
      "three,fields,here",
      `${"x".repeat(501)},long title`,
      "NUL\0,in the title",
      `long description,${"x".repeat(300_000)}`,
      'Mon Oncle,"has "a quote" within"',
      "Parade,1974",
    ];
    const { titles, report, outcome } = await splitFile("csv", lines.join("\n"));
    expect(titles).toEqual(["Playtime", "Mon Oncle", "Parade"]);
    expect(report).toEqual([
      { line: 4, reason: "title must not be blank" },
      { line: 5, reason: "must have 2 fields, and has 1" },
      { line: 6, reason: "must have 2 fields, and has 3" },
      { line: 7, reason: "title must have at most 500 characters" },
      { line: 8, reason: "title must not contain NUL or unpaired surrogates" },
      { line: 9, reason: "must have at most 262144 bytes" },
    ]);
    expect(outcome).toMatchObject({ rows: 3, bad: 6 });
  });

  test.each(["", " ", "\t", " and more", '"doubled"'])(
    "an end of quotes with %j behind it takes no other row along",
    async (behind) => {
      const file = `title,description\nPlaytime,"plot"${behind}\nParade,b\n"Trafic"${behind.trim()},"c"\n`;
      for (const pieceBytes of [1, 65_536]) {
        const { movies, report } = await splitFile("csv", file, pieceBytes);
        expect(report).toEqual([]);
        expect(movies).toHaveLength(3);
        expect(movies[1]).toEqual({ title: "Parade", description: "b" });
      }
    },
  );

  test("refuses a row with bytes that are not UTF-8, and only that row", async () => {
    const file = Buffer.concat([
      Buffer.from("title,description\nPlaytime,a\nCaf"),
      Buffer.from([0xe9]),
      Buffer.from(",latin 1\nParade,b\nTrafic,"),
      Buffer.from([0xc3]),
    ]);
    for (const pieceBytes of [1, 65_536]) {
      const { titles, report } = await splitFile("csv", file, pieceBytes);
      expect(titles).toEqual(["Playtime", "Parade"]);
      expect(report).toEqual([
        { line: 3, reason: "must be UTF-8, without U+FFFD" },
        { line: 5, reason: "must be UTF-8, without U+FFFD" },
      ]);
    }
  });

  test("a quote that never ends is one bad row, and the rows before it are kept", async () => {
    const { titles, report } = await splitFile("csv", 'title,description\nPlaytime,a\n"Parade,b\nTrafic,c\n');
    expect(titles).toEqual(["Playtime"]);
    expect(report).toEqual([
      {
        line: 3,
        reason: "must close its quote: the file ends within this row, and nothing after it is read",
      },
    ]);
  });

  test.each([
    ["one field", `a,"${"x".repeat(3_000_000)}"`, "must have at most 262144 bytes"],
    ["millions of fields", ",".repeat(3_000_000), "must have 2 fields, and has 3000001"],
    [
      "a field and many behind it",
      `${"x".repeat(300_000)}${",".repeat(300_000)}`,
      "must have at most 262144 bytes",
    ],
  ])("a row of %s is refused and not held, and the next one is kept", async (_, row, reason) => {
    const { titles, report } = await splitFile("csv", `title,description\n${row}\nParade,b`, 1_000);
    expect(titles).toEqual(["Parade"]);
    expect(report).toEqual([{ line: 2, reason }]);
  });

  test.each([
    ["no header", "Playtime,Comedy\nMon Oncle,1958\n"],
    ["a column too few", "title\nPlaytime\n"],
    ["a column too many", "title,description,year\nPlaytime,Comedy,1967\n"],
    ["a column twice", "title,title\nPlaytime,Comedy\n"],
    ["another separator", "title;description\nPlaytime;Comedy\n"],
    ["binary content", Buffer.from([0x50, 0x4b, 3, 4, 0, 0xff, 0x22])],
    ["nothing", ""],
    ["line ends alone", "\n\r\n\n"],
  ])("a file with %s cannot be imported", async (_, file) => {
    const { outcome, chunks } = await splitFile("csv", file);
    expect(outcome).toEqual({ import: ID, failed: "bad_header" });
    expect(chunks).toEqual([]);
  });

  test("a header alone is an import of no rows", async () => {
    const { outcome, report } = await splitFile("csv", "title,description\n");
    expect(outcome).toMatchObject({ chunks: 0, rows: 0, bad: 0 });
    expect(report).toEqual([]);
  });
});

describe("NDJSON", () => {
  test("is read line by line, whatever ends a line and wherever a piece ends", async () => {
    const file = '\ufeff{"title":"Playtime","description":"é\\n"}\r\n\n{"description":"","title":"Parade"}';
    for (const pieceBytes of [1, 3, 65_536]) {
      const { movies } = await splitFile("ndjson", file, pieceBytes);
      expect(movies).toEqual([
        { title: "Playtime", description: "é" },
        { title: "Parade", description: "" },
      ]);
    }
  });

  test("reports each bad row with its line, and keeps the good ones", async () => {
    const good = '{"title":"Playtime","description":""}';
    const lines = [
      "not JSON",
      "[]",
      '{"title":"Parade"}',
      '{"title":1,"description":""}',
      '{"title":"Parade","description":"","year":1974}',
      '{"title":"\\ud800","description":""}',
      `{"title":"Parade","description":"${"x".repeat(1_000_000)}"}`,
      // The line is too long, the movie in it is not.
      `{"title":"Parade","description":"${"\\u0416".repeat(50_000)}"}`,
      good,
    ];
    for (const pieceBytes of [1_000, 65_536, 10_000_000]) {
      const { titles, report } = await splitFile("ndjson", lines.join("\n"), pieceBytes);
      expect(titles).toEqual(["Playtime"]);
      expect(report.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(report[0].reason).toBe("must be JSON");
      expect(report[1].reason).toBe("must be a JSON object");
      expect(report[4].reason).toContain("year");
      for (const { reason } of report.slice(6)) expect(reason).toBe("must have at most 262144 bytes");
    }
  });

  test.each(["", "\n", "\ufeff", "\n\n \r\n"])("%j is an import of no rows", async (file) => {
    expect((await splitFile("ndjson", file)).outcome).toMatchObject({ chunks: 0, rows: 0, bad: 0 });
  });

  test("a file of bad rows alone gives no chunk and a bounded report", async () => {
    const { outcome, report } = await splitFile("ndjson", "?\n".repeat(10_005));
    expect(outcome).toMatchObject({ chunks: 0, rows: 0, bad: 10_005 });
    expect(report).toHaveLength(10_001);
    expect(report.at(-1)).toEqual({ further: 5 });
  });
});

const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => `{"title":"Film ${index}","description":""}\n`).join("");

test("a title that composing makes too long is refused, as its PUT would be", async () => {
  const { report, titles } = await splitFile(
    "csv",
    `title,description\n${"\u0958".repeat(500)},a\nParade,b\n`,
  );
  expect(report).toEqual([{ line: 2, reason: "title must have at most 500 characters" }]);
  expect(titles).toEqual(["Parade"]);
});

test("a movie that the file repeats is left out, also in another spelling", async () => {
  const repeated = '{"title":" Film 7","description":"\\n"}\n{"description":"","title":"Film 1"}\n';
  const { outcome, titles } = await splitFile("ndjson", rows(10) + repeated);
  expect(outcome).toMatchObject({ rows: 10, duplicates: 2, bad: 0 });
  expect(titles).toHaveLength(10);
});

test("chunks have 500 rows and are the same each time", async () => {
  const first = await splitFile("ndjson", rows(1_234));
  expect(first.chunks).toMatchObject([
    { chunk: 0, rows: 500 },
    { chunk: 1, rows: 500 },
    { chunk: 2, rows: 234 },
  ]);
  expect(await splitFile("ndjson", rows(1_234), 999)).toEqual(first);
  expect(first.outcome).toMatchObject({ chunks: 3, rows: 1_234 });
});

test("a chunk ends earlier when its movies are long", async () => {
  const long = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({ title: `Film ${index}`, description: "x".repeat(250_000) }),
  );
  const { chunks } = await splitFile("ndjson", long.join("\n"));
  expect(chunks).toMatchObject([{ rows: 5 }, { rows: 5 }, { rows: 2 }]);
});

test("a file with more than half a million rows is refused, whatever they are", async () => {
  const { outcome } = await splitFile("csv", `title,description\n${"x\n".repeat(500_000)}`);
  expect(outcome).toMatchObject({ rows: 0, bad: 500_000 });
  const more = await splitFile("csv", `title,description\n${"x\n".repeat(500_001)}`);
  expect(more.outcome).toEqual({ import: ID, failed: "too_many_rows" });
});

test("a deleted upload is an import that failed, and an upload beyond 25 MiB is never read", async () => {
  const write = async () => expect.unreachable();
  expect(await split(ID, { read: async () => undefined, write })).toEqual([
    { import: ID, failed: "payload_gone" },
  ]);
  async function* body() {
    yield expect.unreachable();
  }
  const read = async () => ({
    bytes: 26_214_401,
    contentType: "text/csv",
    body: body(),
    text: async () => "",
  });
  expect(await split(ID, { read, write })).toEqual([{ import: ID, failed: "checksum_mismatch" }]);
});

test("a failure of the store fails the whole, and nothing goes to the loaders", async () => {
  async function* body() {
    yield Buffer.from(rows(10_000));
  }
  const read = async () => ({
    bytes: 1_000,
    contentType: CONTENT_TYPES.ndjson,
    body: body(),
    text: async () => "",
  });
  let writes = 0;
  const write = async () => {
    if (++writes === 12) throw new Error("S3 is away");
  };
  await expect(split(ID, { read, write })).rejects.toThrow("S3 is away");
});
