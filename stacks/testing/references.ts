/** `<Network/Vpc>` or `<Databases/Key.Arn>`: what stands in a template for a value that only AWS will know. */
const REFERENCE = /<[A-Z]\w*\/[^<>]+>/g;

export function referenceTo(name: string | undefined, attribute?: string): string {
  return attribute === undefined ? `<${name}>` : `<${name}.${attribute}>`;
}

/** Taken apart; undefined for a text that is not one reference and nothing else. */
export function parseReference(text: unknown): { name: string; attribute: string | undefined } | undefined {
  const [, folder = "", last = "", attribute] =
    /^<([^<>]*\/)([^<>/.]+)(?:\.([^<>]+))?>$/.exec(String(text)) ?? [];
  return last === "" ? undefined : { name: folder + last, attribute };
}

/** The name of the resource that it refers to. */
export function nameOf(reference: string | undefined): string | undefined {
  return parseReference(reference)?.name;
}

/** The names of all resources that a value refers to, however deep. */
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
