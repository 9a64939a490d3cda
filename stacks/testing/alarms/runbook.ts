/** What somebody who was woken wants to know, in this order, and what each part begins with. */
const PARTS = ["**Means.**", "**Look.**", "**Do.**", "**Over**"];

/** What the runbook's commands begin with: programs, and the functions that it defines itself. */
const COMMAND = /(?:^|`|\$\()(?:aws|npm run|api|ask|logs|failures|state|stopped) /m;

/** The runbook's text under each of its headings, as links spell them. One without a text shares the next one's. */
export function sectionsOf(runbook: string): Map<string, string> {
  const sections = runbook.split(/^## /m).slice(1);
  const pairs = sections.map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return [heading.toLowerCase().replaceAll(" ", "-"), lines.join("\n").trim()] as const;
  });
  return new Map(
    pairs.map(([heading], at) => [heading, pairs.slice(at).find(([, text]) => text)?.[1] ?? ""]),
  );
}

/** What a heading's text leaves out. */
export function gapsIn(section: string): string[] {
  const starts = PARTS.map((part) => section.indexOf(part));
  const missing = PARTS.filter((_, at) => (starts[at] ?? -1) < 0);
  if (missing.length > 0) return missing.map((part) => `has no part ${part}`);
  if (starts.some((start, at) => start < (starts[at - 1] ?? 0)))
    return [`has its parts in another order than ${PARTS.join(" ")}`];
  return COMMAND.test(section.slice(starts[1], starts[2])) ? [] : ["says where to look without a command"];
}

/** The heading that an alarm sends people to. */
export function headingIn(description: string): string {
  return /docs\/runbook\.md#([\w-]+)$/.exec(description)?.[1] ?? "";
}
