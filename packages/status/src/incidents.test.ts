import { expect, test } from "vitest";
import { parseIncidents } from "./parse-incidents.ts";

const GOOD = {
  title: '"Orders: recorded late"',
  started: "2026-11-26T10:02:00Z",
  resolved: "2026-11-26T10:27:00Z",
  components: "[rabbitmq, billing]",
  impact: "Orders were accepted and recorded later.",
};

function file(fields: Record<string, string | undefined>, name = "incidents/2026-11-26-late.md") {
  const lines = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}: ${value}`,
  );
  return { name, text: `---\n${lines.join("\n")}\n---\n\nThe broker *was* restarted.\n` };
}

test("reads an incident from its file", () => {
  expect(parseIncidents([file(GOOD)])).toEqual([
    {
      id: "2026-11-26-late",
      title: "Orders: recorded late",
      started: "2026-11-26T10:02:00Z",
      resolved: "2026-11-26T10:27:00Z",
      components: ["rabbitmq", "billing"],
      impact: "Orders were accepted and recorded later.",
      body: "The broker *was* restarted.",
    },
  ]);
});

test("an ongoing incident has no end, and its file may have Windows line ends", () => {
  const { name, text } = file({ ...GOOD, resolved: undefined, components: "api" });
  const [incident] = parseIncidents([{ name, text: text.replaceAll("\n", "\r\n") }]);
  expect(incident).not.toHaveProperty("resolved");
  expect(incident?.components).toEqual(["api"]);
});

test("an ongoing incident may have the time of its last update", () => {
  const updated = "2026-11-26T10:20:00Z";
  expect(parseIncidents([file({ ...GOOD, resolved: undefined, updated })])[0]?.updated).toBe(updated);
});

test("sorts the latest first", () => {
  const older = file({ ...GOOD, started: "2026-11-25T10:02:00Z" }, "older.md");
  expect(parseIncidents([older, file(GOOD)]).map(({ id }) => id)).toEqual(["2026-11-26-late", "older"]);
});

test.each([
  [{ title: undefined }, '"title" is missing.'],
  [{ title: "" }, '"title" is empty.'],
  [{ started: "yesterday" }, '"started" must be a time in UTC, like 2026-11-26T10:32:00Z.'],
  [{ started: undefined }, '"started" must be a time in UTC, like 2026-11-26T10:32:00Z.'],
  [{ resolved: "2026-11-26" }, '"resolved" must be a time in UTC, like 2026-11-26T10:32:00Z.'],
  [{ resolved: "2026-11-26T10:01:00Z" }, '"resolved" is before "started".'],
  [{ components: undefined }, '"components" names none.'],
  [{ components: "api, cache" }, '"components" must be of api, sign-in, inventory, inventory-database'],
  [{ impact: undefined }, '"impact" is missing.'],
  [{ resolvd: "2026-11-26T10:27:00Z" }, '"resolvd" is not a known field.'],
  [{ id: "other" }, '"id" is not a known field.'],
  [{ "no field": "x" }, '"no field: x" is not a field.'],
])("refuses %o and names the file and the field", (change, message) => {
  expect(() => parseIncidents([file({ ...GOOD, ...change })])).toThrow(
    `incidents/2026-11-26-late.md: ${message}`,
  );
});

test("refuses a file without frontmatter, and a name that cannot be part of a URL", () => {
  expect(() => parseIncidents([{ name: "a.md", text: "Nothing works." }])).toThrow(
    "a.md: there is no frontmatter",
  );
  expect(() => parseIncidents([file(GOOD, "Über uns.md")])).toThrow(
    'Über uns.md: "id" must be of a-z, 0-9 and -.',
  );
});
