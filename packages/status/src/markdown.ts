import { escapeHtml } from "./html.ts";

/**
 * The subset of Markdown that an incident needs: paragraphs, lists, emphasis, code and web links. All text is escaped
 * first, so that nothing in it can become another tag.
 */
export function renderMarkdown(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .filter((block) => block !== "")
    .map((block) => {
      const items = block.split(/^[-*] +/m).slice(1);
      if (!/^[-*] /.test(block)) return `<p>${inline(block)}</p>`;
      return `<ul>${items.map((item) => `<li>${inline(item)}</li>`).join("")}</ul>`;
    })
    .join("");
}

const MARKS = /`([^`]+)`|\[([^\]]+)\]\(((?:https?:\/)?\/[^\s()]*)\)|\*\*([^*]+)\*\*|\*([^*]+)\*/g;

function inline(text: string): string {
  return escapeHtml(text.trim()).replace(MARKS, (_, code, label, address, strong, emphasis) => {
    if (code) return `<code>${code}</code>`;
    if (label) return `<a href="${address}">${label}</a>`;
    return strong ? `<strong>${strong}</strong>` : `<em>${emphasis}</em>`;
  });
}
