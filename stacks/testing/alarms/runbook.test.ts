import { expect, test } from "vitest";
import { gapsIn, headingIn, sectionsOf } from "./runbook.ts";

const SECTION = `**Means.** Orders wait.

**Look.** Does the bridge start?

\`\`\`sh
logs Orders OrderBridgeLogs
\`\`\`

**Do.** Wait.

**Over** when none waits.`;

test("a heading without a text shares the next one's", () => {
  const sections = sectionsOf(`# Runbook\n\nText\n\n## a\n\n## b\n\n${SECTION}\n\n## Where else\n\nElse\n`);
  expect([...sections]).toEqual([
    ["a", SECTION],
    ["b", SECTION],
    ["where-else", "Else"],
  ]);
});

test.each([
  ["has all parts", SECTION, []],
  ["looks with a command within the line", SECTION.replace(/```.*```/s, "`failures Billing Logs`"), []],
  [
    "says nothing",
    "As for the other.",
    ["**Means.**", "**Look.**", "**Do.**", "**Over**"].map((part) => `has no part ${part}`),
  ],
  ["does not say when it is over", SECTION.replace("**Over**", "Over"), ["has no part **Over**"]],
  [
    "looks without a command",
    SECTION.replace(/```.*```/s, "On the dashboard."),
    ["says where to look without a command"],
  ],
  [
    "acts before it looks",
    SECTION.replace("**Do.**", "**Look.**").replace("**Look.**", "**Do.**"),
    ["has its parts in another order than **Means.** **Look.** **Do.** **Over**"],
  ],
])("a section that %s", (_, section, gaps) => {
  expect(gapsIn(section)).toEqual(gaps);
});

test("an alarm names its heading at the end of its description", () => {
  expect(headingIn("Orders wait. What to do: docs/runbook.md#orders-age")).toBe("orders-age");
  expect(headingIn("Orders wait.")).toBe("");
});
