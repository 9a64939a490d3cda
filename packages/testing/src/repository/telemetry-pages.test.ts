import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOG_FIELDS, LogLine } from "@cloud-design/core/log-line";
import { METRICS } from "@cloud-design/core/telemetry";
import { parseSettings, ROOT } from "@cloud-design/local/platform/settings";
import { expect, test } from "vitest";
import { parse } from "yaml";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The rows of the table whose header begins with these columns, without the alignment. */
function rowsUnder(page: string, header: readonly string[]): string[][] {
  const rows = read(page)
    .split("\n")
    .map((line) => (line.startsWith("| ") ? line.slice(2, -2).split(/ +\| +/) : []))
    .map((cells) => cells.map((cell) => cell.trim()));
  const start = rows.findIndex((cells) => header.every((name, index) => cells[index] === name));
  const table = rows.slice(start + 2);
  return start === -1
    ? []
    : table.slice(
        0,
        table.findIndex((cells) => cells.length === 0),
      );
}

test("docs/how/logs.md has a row for each field that a log may have, with its type and meaning", () => {
  expect(rowsUnder("docs/how/logs.md", ["field", "type", "meaning"])).toEqual(
    Object.entries(LOG_FIELDS).map(([name, [kind, meaning]]) => [`\`${name}\``, kind, meaning]),
  );
});

test("the line in docs/how/logs.md is a valid log line", () => {
  const [, line = ""] = /^```json\n(.*)\n```$/m.exec(read("docs/how/logs.md")) ?? [];
  expect(LogLine.safeParse(JSON.parse(line)).error).toBeUndefined();
});

/** The name of a UCUM unit in words. */
function inWords(unit: string): string {
  return { s: "s", By: "bytes", "1": "share" }[unit] ?? `${unit.slice(1, -1)}s`;
}

test("docs/how/metrics.md has a row for each metric, and says whether AWS receives it", () => {
  const rows = rowsUnder("docs/how/metrics.md", ["metric", "kind", "unit"]);
  expect(rows).toEqual(
    Object.entries(METRICS).map(([name, { kind, unit, by, isOnAws, description }]) => [
      `\`${name}\``,
      kind,
      inWords(unit),
      by.join(", "),
      isOnAws ? "yes" : "no",
      description,
    ]),
  );
});

test("prometheus.yaml and docs/how/metrics.md name the laptop's ports", () => {
  const { ports } = parseSettings([]);
  const { scrape_configs: jobs } = parse(read("packages/telemetry/prometheus/prometheus.yaml"));
  const measured = ["gateway", "order-bridge", "inventory", "billing", "status-probe"] as const;
  expect(jobs[0].static_configs).toEqual(
    measured.map((service) => ({
      targets: [`127.0.0.1:${ports[`${service}-metrics`]}`],
      labels: { service },
    })),
  );
  expect(rowsUnder("docs/how/metrics.md", ["part", "address"])).toEqual(
    measured.map((part) => [`\`${part}\``, `\`http://127.0.0.1:${ports[`${part}-metrics`]}/metrics\``]),
  );
});
