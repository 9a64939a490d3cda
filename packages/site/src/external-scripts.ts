import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

const INLINE_SCRIPT = /<script(?![^>]*\bsrc=)([^>]*)>([^<]*(?:<(?!\/script>)[^<]*)*)<\/script>/g;

/**
 * Gives each script that stands in a page a file of its own, since the content security policy runs no other. Starlight has some that run
 * before the page is drawn; as files, neither `async` nor `defer`, they still do.
 */
export function externalScripts(): AstroIntegration {
  return {
    name: "external-scripts",
    hooks: {
      "astro:build:done": ({ dir }) => {
        const directory = fileURLToPath(dir);
        for (const page of globSync("**/*.html", { cwd: directory })) {
          const path = join(directory, page);
          writeFileSync(path, moveScripts(readFileSync(path, "utf8"), directory));
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
