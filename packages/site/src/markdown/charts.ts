import { readFileSync } from "node:fs";
import { defineMdastPlugin } from "satteri";

/**
 * Puts a chart into its page. Astro would need an image library for the file, which an SVG does not. As an image of its own, and not as elements
 * of the page, it keeps its styles to itself and follows the page's light or dark setting.
 */
export const chartsInPage = defineMdastPlugin({
  name: "charts-in-page",
  image(node, context) {
    if (context.fileURL === undefined || !/^[^:/][^:]*\.svg$/.test(node.url)) return;
    const svg = readFileSync(new URL(node.url, context.fileURL), "utf8");
    // Not base64, which a server could hardly compress.
    context.setProperty(node, "url", `data:image/svg+xml,${encodeURIComponent(svg)}`);
  },
});
