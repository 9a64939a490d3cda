import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { unresolved } from "../testing/checks/findings.ts";
import { guardFindings, nagFindings } from "../testing/findings.ts";
import { STAGES } from "../testing/setup.ts";
import { GUARD_SUPPRESSIONS, NAG_SUPPRESSIONS } from "../testing/suppressions.ts";
import { withSuppressions } from "../testing/suppressions-table.ts";

const outputs = inject("outputs");
const SECURITY = join(import.meta.dirname, "../../docs/security.md");

describe("cdk-nag", () => {
  const findings = STAGES.flatMap((stage) => nagFindings(stage, outputs[stage]));

  test("finds nothing in any stage but what has a reason, and every reason has its finding", () => {
    expect(unresolved(findings, NAG_SUPPRESSIONS)).toEqual([]);
  });

  test("fails without a reason for a finding, and with a reason for none", () => {
    const others = NAG_SUPPRESSIONS.filter(({ rule }) => rule !== "AwsSolutions-COG2");
    const stale = { rule: "AwsSolutions-COG2", at: ["Identity/Nobody"], because: "" };
    expect(unresolved(findings, [...others, stale])).toEqual([
      expect.stringMatching(/^AwsSolutions-COG2 at Identity\/UserPool/),
      expect.stringMatching(/^AwsSolutions-COG2 at Identity\/UserPool/),
      expect.stringMatching(/^No finding any more: AwsSolutions-COG2 at Identity\/Nobody/),
    ]);
  });
});

test("cfn-guard finds nothing in prod but what has a reason, and every reason has its finding", () => {
  expect(unresolved(guardFindings("prod", outputs.prod), GUARD_SUPPRESSIONS)).toEqual([]);
}, 300_000);

test("docs/security.md lists every suppression with its reason", async () => {
  await expect(withSuppressions(readFileSync(SECURITY, "utf8"))).toMatchFileSnapshot(SECURITY);
});
