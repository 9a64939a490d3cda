import { escapeHtml } from "./html.ts";
import { type Model, render } from "./view.ts";

// Each state has its own shape, so that colour is never the only difference.
const SHAPES = `<svg hidden>
<symbol id="up" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8"/><path d="m4.5 8.5 2.5 2.5 4.5-5.5"/></symbol>
<symbol id="degraded" viewBox="0 0 16 16"><path class="solid" d="M8 1.5 15 14.5H1z"/><path d="M8 6.5v3.5m0 2.5v.1"/></symbol>
<symbol id="down" viewBox="0 0 16 16"><rect width="16" height="16" rx="3"/><path d="m5 5 6 6m0-6-6 6"/></symbol>
<symbol id="unknown" viewBox="0 0 16 16"><circle class="ring" cx="8" cy="8" r="6.5"/></symbol>
<symbol id="asleep" viewBox="0 0 16 16"><path class="solid" d="M10.5 1a7 7 0 1 0 4.5 10.5A6 6 0 0 1 10.5 1z"/></symbol>
</svg>`;

/** Without an icon the browser would request /favicon.ico. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%232b8a5a' d='M1 9h3v6H1zm5-4h4v10H6zm6-4h3v14h-3z'/%3E%3C/svg%3E";

/**
 * The whole page, correct without JavaScript at `now`. `assets` are the names from `buildAssets`, which are served
 * beside the page under /status/.
 */
export function renderPage(
  model: Pick<Model, "status" | "history" | "incidents" | "now"> & {
    assets: { css: string; script: string };
  },
): string {
  const { title, main } = render(model);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/status/${escapeHtml(model.assets.css)}">
<link rel="alternate" type="application/atom+xml" title="Incidents" href="/status/feed.atom">
<script type="module" src="/status/${escapeHtml(model.assets.script)}"></script>
</head>
<body data-now="${model.now}">
${SHAPES}
<header><a href="/">cloud-design</a> status</header>
${main}
<footer><a href="/">Documentation</a> <a href="/status/status.json">Status as JSON</a> <a href="/status/history.json">History as JSON</a> <a href="/status/feed.atom">Incident feed</a></footer>
</body>
</html>
`;
}
