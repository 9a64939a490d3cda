/** The beginnings of the four parts that an operator needs when an alarm rings, in their order. */
const PARTS = ["**Means.**", "**Look.**", "**Do.**", "**Over**"];

/** The commands of the runbook: programs, and the functions that the runbook defines. */
const COMMAND = /(?:^|`|\$\()(?:aws|npm run|api|ask|logs|failures|state|stopped) /m;

/** The runbook's text by the slug of its heading. A heading without a text shares the text of the next one. */
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

/** The gaps in a heading's text. */
export function gapsIn(section: string): string[] {
  const starts = PARTS.map((part) => section.indexOf(part));
  const missing = PARTS.filter((_, at) => (starts[at] ?? -1) < 0);
  if (missing.length > 0) return missing.map((part) => `has no part ${part}`);
  if (starts.some((start, at) => start < (starts[at - 1] ?? 0)))
    return [`has its parts in another order than ${PARTS.join(" ")}`];
  return COMMAND.test(section.slice(starts[1], starts[2])) ? [] : ["says where to look without a command"];
}

/** The slug of the heading that an alarm's description names. */
export function headingIn(description: string): string {
  return /docs\/runbook\.md#([\w-]+)$/.exec(description)?.[1] ?? "";
}
