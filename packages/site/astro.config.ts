import { fileURLToPath } from "node:url";
import { satteri } from "@astrojs/markdown-satteri";
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";
import starlightOpenAPI, { openAPISidebarGroups } from "starlight-openapi";
import { linksToPages } from "./src/markdown/links.ts";
import { mermaidToSvg } from "./src/markdown/mermaid.ts";
import { mendPages } from "./src/mend-pages.ts";
import { SIDEBAR } from "./src/sidebar.ts";

const docs = new URL("../../docs/", import.meta.url);
/** Not encoded, against the rule: the plugin's parser encodes it once more, and finds no clone whose path has a space in it. */
const contract = `file://${fileURLToPath(new URL("../client/openapi.json", import.meta.url))}`;

/** The reference's examples know no address of ours: each stage has another, and whoever reads them is at it. */
const OWN_ADDRESS = `
for (const button of document.querySelectorAll("[data-code*='https://example.com']"))
  button.dataset.code = button.dataset.code.replaceAll("https://example.com", location.origin);
const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const text = texts.currentNode;
  if (text.data.includes("https://example.com"))
    text.data = text.data.replaceAll("https://example.com", location.origin);
}
`;

// No `site`: the same pages stand on every stage, whatever its name.
export default defineConfig({
  trailingSlash: "never",
  // One for each build: of two at once each would otherwise find the other's half of the pages.
  ...(process.env.SITE_CACHE !== undefined && { cacheDir: process.env.SITE_CACHE }),
  build: { format: "directory", assets: "assets", inlineStylesheets: "never" },
  markdown: { processor: satteri({ mdastPlugins: [mermaidToSvg, linksToPages(docs)] }) },
  // Nothing within a page that its content security policy would refuse.
  vite: { build: { assetsInlineLimit: 0 } },
  integrations: [
    starlight({
      title: "cloud-design",
      description: "A movie store as microservices that records every accepted order exactly once.",
      customCss: ["./src/styles/site.css"],
      // The edge has one of its own for what it does not know: src/not-found-page.ts.
      disable404Route: true,
      head: [{ tag: "script", attrs: { type: "module" }, content: OWN_ADDRESS }],
      sidebar: [...SIDEBAR, ...openAPISidebarGroups],
      plugins: [
        starlightOpenAPI([
          // Not under /api, where the API is.
          {
            base: "reference",
            schema: contract,
            sidebar: { label: "API reference" },
          },
        ]),
      ],
    }),
    mendPages(),
  ],
});
