import { fileURLToPath } from "node:url";
import { satteri } from "@astrojs/markdown-satteri";
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";
import starlightOpenAPI, { openAPISidebarGroups } from "starlight-openapi";
import { chartsInPage } from "./src/markdown/charts.ts";
import { linksToPages } from "./src/markdown/links.ts";
import { mermaidToSvg } from "./src/markdown/mermaid.ts";
import { mendPages } from "./src/mend-pages.ts";
import { SIDEBAR } from "./src/sidebar.ts";

const docs = new URL("../../docs/", import.meta.url);
/** Not percent-encoded, although a URL should be: the plugin's parser encodes it again, and would not find a clone whose path has a space. */
const contract = `file://${fileURLToPath(new URL("../client/openapi.json", import.meta.url))}`;

/** Replaces the example address of the reference by the reader's own site: each stage has another address. */
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

// No `site`: every stage serves the same pages under its own name.
export default defineConfig({
  trailingSlash: "never",
  // A cache for each build: two builds at once would otherwise read each other's incomplete pages.
  ...(process.env.SITE_CACHE !== undefined && { cacheDir: process.env.SITE_CACHE }),
  build: { format: "directory", assets: "assets", inlineStylesheets: "never" },
  markdown: { processor: satteri({ mdastPlugins: [mermaidToSvg, chartsInPage, linksToPages(docs)] }) },
  // No inline assets, which the content security policy would refuse.
  vite: { build: { assetsInlineLimit: 0 } },
  integrations: [
    starlight({
      title: "cloud-design",
      description: "A movie store as microservices that records every accepted order exactly once.",
      customCss: ["./src/styles/site.css"],
      // The edge has a 404 page of its own: src/not-found-page.ts.
      disable404Route: true,
      head: [{ tag: "script", attrs: { type: "module" }, content: OWN_ADDRESS }],
      sidebar: [...SIDEBAR, ...openAPISidebarGroups],
      plugins: [
        starlightOpenAPI([
          // Not under /api, which belongs to the API.
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
