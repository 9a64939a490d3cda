import { satteri } from "@astrojs/markdown-satteri";
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";
import starlightOpenAPI, { openAPISidebarGroups } from "starlight-openapi";
import { externalScripts } from "./src/external-scripts.ts";
import { linksToPages } from "./src/markdown/links.ts";
import { mermaidToSvg } from "./src/markdown/mermaid.ts";
import { SIDEBAR } from "./src/sidebar.ts";

const docs = new URL(process.env.DOCS ?? "../../docs/", import.meta.url);

// No `site`: the same pages stand on every stage, whatever its name.
export default defineConfig({
  trailingSlash: "never",
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
      sidebar: [...SIDEBAR, ...openAPISidebarGroups],
      plugins: [
        starlightOpenAPI([
          // Not under /api, where the API is.
          {
            base: "reference",
            schema: process.env.OPENAPI ?? "../client/openapi.json",
            sidebar: { label: "API reference" },
          },
        ]),
      ],
    }),
    externalScripts(),
  ],
});
