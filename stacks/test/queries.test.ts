import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOG_FIELDS } from "@cloud-design/core/log-line";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";
import { nameOf } from "../testing/references.ts";
import { STAGES } from "../testing/setup.ts";
import { ID } from "../watch/queries.ts";

const ROOT = join(import.meta.dirname, "../..");
const runbook = readFileSync(join(ROOT, "docs/runbook.md"), "utf8");
const gateway = readFileSync(join(ROOT, "stacks/gateway.ts"), "utf8");
/** The fields of each line, and the ones that CloudWatch adds. */
const EVERY_LINE = ["level", "service", "message", "@timestamp"];
const source = globSync("packages/{core,functions,http,containers}/**/src/**/*.ts", { cwd: ROOT })
  .filter((file) => !file.includes("test"))
  .map((file) => readFileSync(join(ROOT, file), "utf8"))
  .join("\n");

const Definition = z.object({
  Name: z.string(),
  QueryString: z.string(),
  LogGroupNames: z.array(z.string()).min(1),
});

describe.each(STAGES)("the saved queries of %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);
  const saved = resourcesOf(app, "AWS::Logs::QueryDefinition", Definition).map(
    ({ properties }) => properties,
  );
  const names = saved.map(({ Name }) => Name.replace(`${stage}-cloud-design/`, ""));

  it("are exactly the ones that the runbook asks", () => {
    const asked = [...runbook.matchAll(/^\| .*\| `ask ([\w-]+)/gm)].map(([, name]) => name);
    expect(asked.toSorted()).toEqual(names.toSorted());
  });

  it("read log groups of these templates", () => {
    const made = app.resources.filter(({ type }) => type === "AWS::Logs::LogGroup").map(({ name }) => name);
    for (const { LogGroupNames } of saved)
      expect(made).toEqual(expect.arrayContaining(LogGroupNames.map(nameOf)));
  });

  it("look for messages that the code writes", () => {
    const messages = saved.flatMap(({ QueryString }) =>
      [...QueryString.matchAll(/message (?:= |in \[)([^\n\]]+)/g)].flatMap(([, list = ""]) =>
        [...list.matchAll(/"([^"]+)"/g)].map(([, message = ""]) => message),
      ),
    );
    expect(messages.length).toBeGreaterThan(3);
    expect(messages.filter((message) => !source.includes(`"${message}"`))).toEqual([]);
  });

  it("use fields of the project's log lines or of the access log", () => {
    const [, format = ""] = /format: AccessLogFormat.custom\(([^;]+)\),/.exec(gateway) ?? [];
    const accessLog = [...format.matchAll(/(\w+): field\(/g)].map(([, name]) => name);
    const known = [...Object.keys(LOG_FIELDS), ...accessLog, ...EVERY_LINE];
    const asked = saved.flatMap(({ QueryString }) =>
      [...QueryString.matchAll(/^(?:\| )?fields (@.*)$/gm)].flatMap(([, list = ""]) => list.split(", ")),
    );
    expect(asked.length).toBeGreaterThan(20);
    expect(
      asked.filter((field) => !known.includes(field.replaceAll("`", "").replace(/\.(type|message)$/, ""))),
    ).toEqual([]);
  });

  it("take the operator's id at the place that the runbook names", () => {
    const withId = saved.filter(({ QueryString }) => QueryString.includes(ID)).map(({ Name }) => Name);
    expect(withId.map((name) => name.split("/")[1]).toSorted()).toEqual(["one-order", "one-trace"]);
    expect(runbook).toContain(`s/${ID}/`);
  });
});
