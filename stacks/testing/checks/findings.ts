import type { Finding } from "../findings.ts";
import type { Suppression } from "../suppressions.ts";

/** Findings without a suppression, and suppressions without a finding. */
export function unresolved(findings: readonly Finding[], suppressions: readonly Suppression[]): string[] {
  return [
    ...findings
      .filter((finding) => !suppressions.some((suppression) => covers(suppression, finding)))
      .map(({ rule, name, detail, asksFor }) => `${rule} at ${name} ${detail}: ${asksFor}`),
    ...suppressions.flatMap((suppression) =>
      suppression.at
        .filter((name) => !findings.some((finding) => covers({ ...suppression, at: [name] }, finding)))
        .map((name) => `No finding any more: ${suppression.rule} at ${name} ${suppression.detail ?? ""}`),
    ),
  ];
}

function covers({ rule, at, detail = "*" }: Suppression, finding: Finding): boolean {
  return (
    rule === finding.rule &&
    at.some((pattern) => matches(pattern, finding.name)) &&
    matches(detail, finding.detail)
  );
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`).test(text);
}
