import { expect, test } from "vitest";
import { hasReport } from "./has-report.ts";

const created_at = "2026-11-01T12:00:00.000Z";
const read = { rows: { done: 0, added: 0, bad: 0 }, created_at };

test("an import has a report when its file is read, until S3 deletes it after seven days", () => {
  expect(hasReport(read, Date.parse("2026-11-08T11:59:59Z"))).toBe(true);
  expect(hasReport(read, Date.parse("2026-11-08T12:00:00Z"))).toBe(false);
  expect(hasReport({ ...read, rows: { done: 0, added: 0 } }, Date.parse(created_at))).toBe(false);
});
