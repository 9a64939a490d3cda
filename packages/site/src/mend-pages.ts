import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

const INLINE_SCRIPT = /<script(?![^>]*\bsrc=)([^>]*)>([^<]*(?:<(?!\/script>)[^<]*)*)<\/script>/g;

/** Markup of Starlight and its plugins that fails accessibility rules, with its replacement. */
const MENDED: readonly (readonly [RegExp, string])[] = [
  // A heading that skips two levels.
  [/<h5 (class="sl-openapi-examples-heading[^>]*)>(.*?)<\/h5>/gs, "<p $1>$2</p>"],
  // A scrolling block must be reachable by keyboard; this class of Expressive Code wraps its lines instead.
  [/<pre data-language=/g, '<pre class="wrap" data-language='],
  // A table wide enough to scroll must be reachable by keyboard.
  [/<table>(?=\s*<thead>\s*<tr>(?:\s*<th\b[^>]*>[^<]*<\/th>){6})/g, '<table tabindex="0">'],
  // The empty corner of a table is not a heading.
  [/<th><\/th>/g, "<td></td>"],
];

/** The title is outside the content of a page, but must have the page's language too. */
function titleInLanguageOf(html: string): string {
  const [, language] = /<div lang="(\w+)">/.exec(html) ?? [];
  return language ? html.replace("<h1 ", `<h1 lang="${language}" `) : html;
}

/**
 * Moves each inline script into a file of its own, since the content security policy allows no inline script. Some of Starlight's run before the
 * page is rendered; as files without `async` and `defer` they still do.
 */
export function mendPages(): AstroIntegration {
  return {
    name: "mend-pages",
    hooks: {
      "astro:build:done": ({ dir }) => {
        const directory = fileURLToPath(dir);
        for (const page of globSync("**/*.html", { cwd: directory })) {
          const path = join(directory, page);
          const html = titleInLanguageOf(moveScripts(readFileSync(path, "utf8"), directory));
          writeFileSync(
            path,
            MENDED.reduce((text, [wrong, right]) => text.replaceAll(wrong, right), html),
          );
        }
      },
    },
  };
}

function moveScripts(html: string, directory: string): string {
  return html.replaceAll(INLINE_SCRIPT, (_, attributes: string, code: string) => {
    const hash = createHash("sha256").update(code).digest("base64url").slice(0, 8);
    const file = `assets/inline.${hash}.js`;
    writeFileSync(join(directory, file), code);
    return `<script${attributes} src="/${file}"></script>`;
  });
}
