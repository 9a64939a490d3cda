import { expect, test } from "vitest";
import { renderFeed } from "./feed.ts";
import { INCIDENTS } from "./testing/fixtures.ts";

const SITE = "https://movies.example";

test("the feed without incidents is valid", () => {
  const feed = renderFeed([], SITE);
  expect(feed).toContain("<id>https://movies.example/status</id>");
  expect(feed).toContain("<updated>1970-01-01T00:00:00Z</updated>");
  expect(feed).not.toContain("<entry>");
});

test("an entry has the time of its last update, and the feed that of its newest entry", () => {
  const updated = [...renderFeed(INCIDENTS, SITE).matchAll(/<updated>(.*?)<\/updated>/g)].map(
    ([, time]) => time,
  );
  expect(updated).toEqual(["2026-11-26T11:20:00Z", "2026-11-26T11:20:00Z", "2026-10-28T07:27:00Z"]);
});

test("an entry keeps its id when it is resolved", () => {
  const [incident] = INCIDENTS.map((incident) => ({ ...incident, resolved: "2026-11-26T12:00:00Z" }));
  const id = "<id>https://movies.example/status#incident-2026-11-26-slow-search</id>";
  expect(renderFeed(INCIDENTS, SITE)).toContain(id);
  expect(renderFeed(incident ? [incident] : [], SITE)).toContain(id);
});

test("contains the latest 30 incidents", () => {
  const many = Array.from({ length: 40 }, (_, day) => ({
    ...INCIDENTS[0],
    id: `incident-${day}`,
    started: new Date(day * 86_400_000).toISOString(),
  }));
  const ids = [...renderFeed(many as typeof INCIDENTS, SITE).matchAll(/<id>\S+#(incident-\S+)<\/id>/g)];
  expect(ids).toHaveLength(30);
  expect(ids[0]?.[1]).toBe("incident-incident-39");
});
