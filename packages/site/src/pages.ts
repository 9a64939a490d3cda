import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import { PROBLEMS, type ProblemKind } from "@cloud-design/http";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
table { border-collapse: collapse; }
td { padding: .15rem 1rem .15rem 0; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
nav { margin-top: 2rem; }
`;

/** Every page by its path: a start, and one for the `type` of each problem. */
export function pages(): ReadonlyMap<string, string> {
  const problems = Object.entries(PROBLEMS).map(
    ([code, problem]) => [`/problems/${code}`, page(problem.title, problemPage(code, problem))] as const,
  );
  return new Map([["/", page("cloud-design", start())], ...problems]);
}

export function notFoundPage(): string {
  return page("There is no such page here", `<nav><a href="/">All pages</a></nav>`);
}

function start(): string {
  const routes = apiGatewayRoutes()
    .filter(({ key }) => !/^(ANY|HEAD) /.test(key))
    .map(({ key, access }) => `<tr><td><code>${key}</code></td><td>${access}</td></tr>`);
  const problems = Object.entries(PROBLEMS).map(
    ([code, { status, title }]) => `<li><a href="/problems/${code}">${status} ${title}</a></li>`,
  );
  return `<p>The API is at <a href="/api/status"><code>/api</code></a>. Each route needs a token with the scope beside it.</p>
<table>${routes.join("\n")}</table>
<h2>When a request is refused</h2>
<ul>${problems.join("\n")}</ul>`;
}

function problemPage(code: string, { status, whatToDo }: ProblemKind): string {
  const advice = whatToDo.replaceAll("<", "&lt;").replaceAll(/`([^`]*)`/g, "<code>$1</code>");
  return `<p>HTTP ${status}, <code>${code}</code></p>
<h2>What to do</h2>
<p>${advice}</p>
<nav><a href="/">All problems</a></nav>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`;
}
