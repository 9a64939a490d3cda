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

  test("has a reason for each finding in any stage, and a finding for each reason", () => {
    expect(unresolved(findings, NAG_SUPPRESSIONS)).toEqual([]);
  });

  test("fails for a finding without a reason, and for a reason without a finding", () => {
    const others = NAG_SUPPRESSIONS.filter(({ rule }) => rule !== "AwsSolutions-COG2");
    const stale = { rule: "AwsSolutions-COG2", at: ["Identity/Nobody"], because: "" };
    expect(unresolved(findings, [...others, stale])).toEqual([
      ...STAGES.map(() => expect.stringMatching(/^AwsSolutions-COG2 at Identity\/UserPool/)),
      expect.stringMatching(/^No finding any more: AwsSolutions-COG2 at Identity\/Nobody/),
    ]);
  });
});

test("cfn-guard has a reason for each finding in prod, and a finding for each reason", () => {
  expect(unresolved(guardFindings("prod", outputs.prod), GUARD_SUPPRESSIONS)).toEqual([]);
});

test("docs/security.md lists every suppression with its reason", async () => {
  await expect(withSuppressions(readFileSync(SECURITY, "utf8"))).toMatchFileSnapshot(SECURITY);
});
