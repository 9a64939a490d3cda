import { markdownTable } from "./markdown-table.ts";
import { GUARD_SUPPRESSIONS, NAG_SUPPRESSIONS, type Suppression } from "./suppressions.ts";

const HEADING = "## Accepted findings of the rule packs";

const INTRODUCTION = `\`npm test\` runs two rule packs over the templates that \`sst build\` writes. The tables list every accepted finding with its reason; any other finding fails the test, and so does a listed one
that no longer occurs. \`npm test -- --project infra -u\` writes them from \`stacks/testing/suppressions.ts\`.`;

/** The document with the section of the suppressions rewritten: from its heading to the next heading of that level. */
export function withSuppressions(document: string): string {
  const section = [
    HEADING,
    INTRODUCTION,
    `### cdk-nag: AwsSolutions\n\n${tableOf(NAG_SUPPRESSIONS)}`,
    `### cfn-guard: AWS Control Tower\n\n${tableOf(GUARD_SUPPRESSIONS)}`,
  ].join("\n\n");
  const start = document.indexOf(HEADING);
  if (start < 0) return `${document.trimEnd()}\n\n${section}\n`;
  const end = document.indexOf("\n## ", start);
  return `${document.slice(0, start)}${section}\n${end < 0 ? "" : document.slice(end)}`;
}

function tableOf(suppressions: readonly Suppression[]): string {
  const rows = suppressions.map(({ rule, at, detail, because }) => {
    const where = at.map((name) => `\`${name}\``).join(", ");
    return [rule, `${where}${detail ? ` (\`${detail}\`)` : ""}`, because];
  });
  return markdownTable(["rule", "where", "why"], rows);
}
