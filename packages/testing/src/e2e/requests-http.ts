import { randomUUID } from "node:crypto";

export interface HttpRequest {
  name: string;
  /** The request with its variables replaced, some of them by earlier answers. */
  fill(answers: ReadonlyMap<string, unknown>): {
    method: string;
    url: string;
    headers: Record<string, string>;
    body?: string;
  };
}

/** Parses a file of VS Code's REST Client: `@name = value` at the top, then requests after `###`. */
export function parseRequests(text: string, overrides: Record<string, string>): HttpRequest[] {
  const [head = "", ...blocks] = text.split(/^### .*\n/m);
  const variables = new Map([
    ...[...head.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name = "", value = ""]) => [name, value] as const),
    ...Object.entries(overrides),
  ]);
  return blocks.map((block) => {
    const [, name = ""] = /^# @name (\w+)$/m.exec(block) ?? [];
    const source = block.replaceAll(/^#.*\n/gm, "");
    return {
      name,
      fill(answers) {
        const [top = "", body] = replace(source, variables, answers).trim().split("\n\n");
        const [line = "", ...headers] = top.split("\n");
        const [method = "", url = ""] = line.split(" ");
        const pairs = headers.map((header) => header.split(": ") as [string, string]);
        return {
          method,
          url,
          headers: Object.fromEntries(pairs.map(([key, value]) => [key, encodeBasic(value)])),
          ...(body !== undefined && { body }),
        };
      },
    };
  });
}

function replace(
  text: string,
  variables: ReadonlyMap<string, string>,
  answers: ReadonlyMap<string, unknown>,
): string {
  return text.replaceAll(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    if (name === "$guid") return randomUUID();
    const value = variables.get(name);
    return value === undefined ? String(valueAt(answers, name)) : replace(value, variables, answers);
  });
}

/** `createMovie.response.body.$.id` */
export function valueAt(answers: ReadonlyMap<string, unknown>, reference: string): unknown {
  const [, request = "", field = ""] = /^(\w+)\.response\.body\.\$\.(\w+)$/.exec(reference) ?? [];
  const value: unknown = Object(answers.get(request))[field];
  if (value === undefined) throw new Error(`There is no ${reference} yet.`);
  return value;
}

/** The REST Client does not encode a name and a password. */
function encodeBasic(value: string): string {
  return value.replace(/^Basic (.+:.+)$/, (_, pair: string) => `Basic ${btoa(pair)}`);
}
