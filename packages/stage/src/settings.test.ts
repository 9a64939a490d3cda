import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PRESET_TABLE, type StageSettings } from "./settings.ts";

const PAGE = join(import.meta.dirname, "../../../docs/deploy.md");

/** The rows in which a learner's stage differs from a standard one, as the page shows them. */
function givenUp(): string {
  const rows = Object.entries(PRESET_TABLE)
    .filter(([, { standard, learner }]) => JSON.stringify(standard) !== JSON.stringify(learner))
    .map(([setting, { standard, learner, why }]) => [`\`${setting}\``, shown(standard), shown(learner), why]);
  return [["setting", "standard", "learner", "why"], ["---", "---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function shown(value: StageSettings[keyof StageSettings]): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return String(value.length);
  if (typeof value === "object" && "min" in value) return [...new Set([value.min, value.max])].join(" to ");
  return String(value);
}

test("docs/deploy.md lists what a learner's stage gives up: `npm test -- --project unit -u` writes it", async () => {
  const page = readFileSync(PAGE, "utf8");
  const table = /(?<=\n)\| setting \| standard \| learner \| why \|\n(?:\|.*\n)*/;
  expect(page).toMatch(table);
  await expect(page.replace(table, `${givenUp()}\n`)).toMatchFileSnapshot(PAGE);
});
