import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "@cloud-design/local/platform/settings";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { findPromtool } from "../setup/promtool.ts";
import { namesIn, PROMETHEUS_NAMES } from "./prometheus-names.ts";

const PROMETHEUS = join(ROOT, "packages/telemetry/prometheus");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const Rule = z.object({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z.string(),
  labels: z.object({ severity: z.enum(["page", "ticket"]) }).optional(),
  annotations: z.object({ summary: z.string(), runbook_url: z.url() }).optional(),
});
const Rules = z.object({ groups: z.array(z.object({ rules: z.array(Rule) })) });
const rules = Rules.parse(parse(read("packages/telemetry/prometheus/rules.yaml"))).groups.flatMap(
  ({ rules }) => rules,
);
const alerts = rules.flatMap(({ alert, ...rule }) => (alert === undefined ? [] : [{ alert, ...rule }]));

/** A variable of the dashboard, which each Grafana fills with its own value. */
const Datasource = z.object({ uid: z.string().regex(/^\$\{datasource\}$/) });
const Panel = z.object({
  title: z.string().min(1),
  type: z.string(),
  description: z.string().optional(),
  datasource: Datasource.optional(),
  fieldConfig: z
    .object({
      defaults: z.object({
        unit: z.string().min(1),
        thresholds: z.object({ steps: z.array(z.object({ color: z.string() })).min(1) }),
      }),
    })
    .optional(),
  targets: z.array(z.object({ expr: z.string(), datasource: Datasource })).optional(),
});
const dashboardText = read("packages/telemetry/grafana/cloud-design.json");
const dashboard = z.object({ panels: z.array(Panel) }).parse(JSON.parse(dashboardText));
const panels = dashboard.panels.filter(({ type }) => type !== "row");
const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** All readable series: every metric, the recorded ones, and Prometheus's own. */
const known = new Set([
  ...Object.values(PROMETHEUS_NAMES).flat(),
  ...rules.flatMap(({ record }) => record ?? []),
  ...["up", "ALERTS"],
]);
const unknown = (expressions: readonly string[]) =>
  expressions.flatMap(namesIn).filter((name) => !known.has(name));

let promtool: string;
beforeAll(async () => {
  promtool = await findPromtool((doing) => console.log(`Promtool: ${doing}`));
});

async function check(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(promtool, args, { cwd: PROMETHEUS });
  return stdout + stderr;
}

describe("Prometheus's rules", () => {
  test("are valid, and the settings that name them too", async () => {
    const said = await check("check", "config", "--lint-fatal", "prometheus.yaml");
    expect(said).toContain(`SUCCESS: ${rules.length} rules found`);
  });

  test("ring during a fault, end after it, and do not ring in an hour of normal traffic", async () => {
    const said = await check("test", "rules", "rules.test.yaml");
    expect(said).toContain("SUCCESS");
  });

  test("have each a test in which it rings, one in which it does not, and a heading in the runbook", () => {
    const cases = z
      .object({
        tests: z.array(
          z.object({
            alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
          }),
        ),
      })
      .parse(parse(read("packages/telemetry/prometheus/rules.test.yaml")))
      .tests.flatMap((one) => one.alert_rule_test);
    const runbook = read("docs/runbook.md");
    expect(alerts.length).toBeGreaterThan(15);
    for (const { alert, labels, annotations } of alerts) {
      const of = cases.filter(({ alertname }) => alertname === alert);
      expect(
        of.some(({ exp_alerts }) => exp_alerts.length > 0),
        `${alert} rings`,
      ).toBe(true);
      expect(
        of.some(({ exp_alerts }) => exp_alerts.length === 0),
        `${alert} is silent`,
      ).toBe(true);
      expect(labels?.severity, alert).toBeDefined();
      expect(annotations?.runbook_url).toBe(`http://localhost:4000/runbook#${alert}`);
      expect(runbook).toMatch(new RegExp(`^## ${alert}$`, "m"));
    }
  });

  test("read only existing metrics", () => {
    expect(unknown(rules.map(({ expr }) => expr))).toEqual([]);
  });
});

describe("Grafana's dashboard", () => {
  test("has on each panel a unit, thresholds and a sentence, and no fixed data source", () => {
    expect(panels.length).toBeGreaterThan(20);
    for (const { title, description, fieldConfig, datasource, targets } of panels) {
      expect(description, title).toMatch(/^\w.*\.$/);
      expect(fieldConfig, title).toBeDefined();
      expect(datasource, title).toBeDefined();
      expect(targets, title).not.toEqual([]);
    }
    expect(dashboardText.match(/"uid": "(?!\$\{datasource\}"|cloud-design")/g)).toBeNull();
  });

  test("reads exactly the existing metrics", () => {
    expect(unknown(shown)).toEqual([]);
    const read = new Set([...shown, ...rules.map(({ expr }) => expr)].flatMap(namesIn));
    const left = Object.entries(PROMETHEUS_NAMES).filter(
      ([, names]) => !names.some((name) => read.has(name)),
    );
    expect(left.map(([name]) => name)).toEqual([]);
  });

  test("has queries that Prometheus can parse", async () => {
    const directory = await mkdtemp(join(tmpdir(), "cloud-design-"));
    try {
      const expressions = shown.map((expr) =>
        expr.replaceAll("$__rate_interval", "1m").replaceAll("$service", "gateway|billing"),
      );
      const asked = {
        groups: [
          { name: "asked", rules: expressions.map((expr, index) => ({ record: `asked_${index}`, expr })) },
        ],
      };
      await writeFile(join(directory, "asked.json"), JSON.stringify(asked));
      expect(await check("check", "rules", join(directory, "asked.json"))).toContain("SUCCESS");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
