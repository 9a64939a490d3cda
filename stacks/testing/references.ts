/** `<Network/Vpc>` or `<Databases/Key.Arn>`: stands in a template for a value that only AWS will know. */
const REFERENCE = /<[A-Z]\w*\/[^<>]+>/g;

export function referenceTo(name: string | undefined, attribute?: string): string {
  return attribute === undefined ? `<${name}>` : `<${name}.${attribute}>`;
}

/** The parts of a reference; undefined for a text that is not exactly one reference. */
export function parseReference(text: unknown): { name: string; attribute: string | undefined } | undefined {
  const [, folder = "", last = "", attribute] =
    /^<([^<>]*\/)([^<>/.]+)(?:\.([^<>]+))?>$/.exec(String(text)) ?? [];
  return last === "" ? undefined : { name: folder + last, attribute };
}

/** The name of the resource that a reference names. */
export function nameOf(reference: string | undefined): string | undefined {
  return parseReference(reference)?.name;
}

/** The names of all resources that a value refers to, at any depth. */
export function referencesIn(value: unknown): string[] {
  const found = JSON.stringify(value)?.match(REFERENCE) ?? [];
  return found.flatMap((text) => nameOf(text) ?? []);
}

export function hasReference(text: string): boolean {
  return text.search(REFERENCE) >= 0;
}

export function replaceReferences(text: string, replace: (reference: string) => string): string {
  return text.replaceAll(REFERENCE, replace);
}
