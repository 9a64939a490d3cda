import { renderMermaidSVG } from "beautiful-mermaid";
import { defineMdastPlugin } from "satteri";

/** Renders Mermaid diagrams when the page is built, so that a browser need not load Mermaid. */
export const mermaidToSvg = defineMdastPlugin({
  name: "mermaid-to-svg",
  code(node, context) {
    if (node.lang !== "mermaid") return;
    const name = node.meta ?? "Diagram";
    context.replaceNode(node, { type: "html", value: figure(node.value, name) });
  },
});

let figures = 0;

function figure(text: string, name: string): string {
  const prefix = `figure-${figures++}`;
  const svg = renderMermaidSVG(text, COLORS)
    // No font from another server, and the same ids in every build.
    .replace(/\n\s*@import [^\n]*/, "")
    .replaceAll("arrowhead", `${prefix}-arrowhead`)
    .replace("<svg ", `<svg role="img" aria-label="${name.replaceAll('"', "&quot;")}" `)
    // Markdown ends a block of HTML at an empty line.
    .replaceAll(/\n\s*\n/g, "\n");
  return `<figure class="diagram not-content">${svg}</figure>`;
}

/** Starlight's colours, so that a diagram is light or dark like its page. */
const COLORS = {
  bg: "var(--sl-color-bg)",
  fg: "var(--sl-color-white)",
  accent: "var(--sl-color-text-accent)",
  muted: "var(--sl-color-gray-2)",
  line: "var(--sl-color-gray-3)",
  border: "var(--sl-color-gray-4)",
  surface: "var(--sl-color-gray-6)",
  transparent: true,
};
