import { COMPONENTS } from "./components.ts";
import { escapeHtml } from "./html.ts";
import type { Incident } from "./incidents.ts";
import { renderMarkdown } from "./markdown.ts";
import { latestFirst } from "./read.ts";

/** Feed readers keep the older entries. */
const ENTRIES_MAX = 30;

/** Atom, RFC 4287. `siteUrl` is the origin of the site. */
export function renderFeed(incidents: readonly Incident[], siteUrl: string): string {
  const page = new URL("/status", siteUrl).href;
  const latest = [...incidents].sort(latestFirst).slice(0, ENTRIES_MAX);
  // A feed needs the time of its last change, even without entries.
  const updated = latest.map(updatedAt).sort().at(-1) ?? "1970-01-01T00:00:00Z";
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<id>${escapeHtml(page)}</id>
<title>cloud-design incidents</title>
<updated>${updated}</updated>
<author><name>cloud-design</name></author>
<link rel="alternate" type="text/html" href="${escapeHtml(page)}"/>
<link rel="self" type="application/atom+xml" href="${escapeHtml(`${page}/feed.atom`)}"/>
${latest.map((incident) => entry(incident, page)).join("\n")}
</feed>
`;
}

function entry(incident: Incident, page: string): string {
  const address = escapeHtml(`${page}#incident-${incident.id}`);
  const end = incident.resolved ? `Resolved at ${incident.resolved}.` : "Not resolved yet.";
  const what = incident.components.map((id) => COMPONENTS[id]).join(", ");
  const content = `<p>${escapeHtml(incident.impact)}</p>${renderMarkdown(incident.body)}<p>${end} ${what}.</p>`;
  return `<entry>
<id>${address}</id>
<title>${escapeHtml(incident.title)}</title>
<published>${incident.started}</published>
<updated>${updatedAt(incident)}</updated>
<link rel="alternate" type="text/html" href="${address}"/>
<content type="html">${escapeHtml(content)}</content>
</entry>`;
}

function updatedAt({ started, resolved = started, updated = started }: Incident): string {
  return Date.parse(updated) > Date.parse(resolved) ? updated : resolved;
}
