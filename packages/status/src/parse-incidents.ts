import { Incident } from "./incidents.ts";
import { latestFirst } from "./read.ts";

/** Parses incidents from Markdown files with frontmatter, latest first. Throws a sentence that names the file and the field. */
export function parseIncidents(files: readonly { name: string; text: string }[]): Incident[] {
  return files.map(parseIncident).sort(latestFirst);
}

function parseIncident({ name, text }: { name: string; text: string }): Incident {
  const [, frontmatter, body] = /^---\r?\n(.*?)\r?\n---\r?\n?(.*)$/s.exec(text) ?? [];
  if (frontmatter === undefined || body === undefined)
    throw new Error(`${name}: there is no frontmatter between two lines of ---.`);
  const { components, ...rest } = Object.fromEntries(
    frontmatter
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "")
      .map((line) => field(name, line)),
  );
  const result = Incident.safeParse({
    ...rest,
    id: name.replace(/^.*\//, "").replace(/\.md$/, ""),
    components: components?.split(/[\s,[\]]+/).filter(Boolean) ?? [],
    body: body.trim(),
  });
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${name}: "${String(issue?.path[0])}" ${issue?.message}.`);
  }
  const { started, resolved } = result.data;
  if (resolved !== undefined && Date.parse(resolved) < Date.parse(started))
    throw new Error(`${name}: "resolved" is before "started".`);
  return result.data;
}

const FIELDS = ["title", "started", "resolved", "updated", "components", "impact"];

function field(name: string, line: string): [string, string] {
  const [, key, value] = /^([a-z]+):\s*(.*?)\s*$/.exec(line) ?? [];
  if (key === undefined || value === undefined) throw new Error(`${name}: "${line}" is not a field.`);
  if (!FIELDS.includes(key)) throw new Error(`${name}: "${key}" is not a known field.`);
  return [key, value.replace(/^(["'])(.*)\1$/, "$2")];
}
