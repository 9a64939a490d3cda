import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

const INLINE_SCRIPT = /<script(?![^>]*\bsrc=)([^>]*)>([^<]*(?:<(?!\/script>)[^<]*)*)<\/script>/g;

/** What Starlight and its plugins write that not everybody could follow. */
const MENDED: readonly (readonly [RegExp, string])[] = [
  // A level of heading that skips two.
  [/<h5 (class="sl-openapi-examples-heading[^>]*)>(.*?)<\/h5>/gs, "<p $1>$2</p>"],
  // A line that scrolls is one that a keyboard has to reach first; this class of Expressive Code's wraps it.
  [/<pre data-language=/g, '<pre class="wrap" data-language='],
  // A table so wide that it scrolls must be reached by a keyboard first.
  [/<table>(?=\s*<thead>\s*<tr>(?:\s*<th\b[^>]*>[^<]*<\/th>){6})/g, '<table tabindex="0">'],
  // The empty corner of a table heads nothing.
  [/<th><\/th>/g, "<td></td>"],
];

/** The title stands outside of what a page says, and in the page's language all the same. */
function titleInLanguageOf(html: string): string {
  const [, language] = /<div lang="(\w+)">/.exec(html) ?? [];
  return language ? html.replace("<h1 ", `<h1 lang="${language}" `) : html;
}

/**
 * Gives each script that stands in a page a file of its own, since the content security policy runs no other. Starlight has some that run
 * before the page is drawn; as files, neither `async` nor `defer`, they still do.
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
