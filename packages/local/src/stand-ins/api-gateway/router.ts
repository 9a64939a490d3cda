import type { Route } from "@cloud-design/functions/gateway/routes";

export interface Match {
  route: Route;
  /** Percent-decoded, as the function gets them. */
  pathParameters: Record<string, string>;
}

/** The segments of a request's path, percent-decoded; undefined when the encoding is broken. One trailing slash is cut off, as the edge does. */
export function pathSegments(path: string): string[] | undefined {
  try {
    return path
      .replace(/(?<=.)\/$/, "")
      .split("/")
      .slice(1)
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Finds the route that API Gateway would choose: the method itself before `ANY`, `{id}` for exactly one segment. */
export function createRouter(
  routes: readonly Route[],
): (method: string, segments: readonly string[]) => Match | undefined {
  const compiled = routes.map((route) => {
    const [method = "", path = ""] = route.key.split(" ");
    return { route, method, pattern: path.split("/").slice(1) };
  });
  return (method, segments) => {
    for (const wanted of [method, "ANY"]) {
      for (const { route, pattern, method: candidate } of compiled) {
        const pathParameters = candidate === wanted ? parameters(pattern, segments) : undefined;
        if (pathParameters) return { route, pathParameters };
      }
    }
    return undefined;
  };
}

function parameters(pattern: string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name === undefined ? segment !== part : segment === "") return undefined;
    if (name !== undefined) found[name] = segment;
  }
  return found;
}
