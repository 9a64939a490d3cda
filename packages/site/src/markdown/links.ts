import { defineMdastPlugin } from "satteri";

/** `../deploy.md#roll-back`, which works between the files, becomes `/deploy#roll-back`. */
export function linksToPages(docs: URL) {
  return defineMdastPlugin({
    name: "links-to-pages",
    link(node, context) {
      const { fileURL } = context;
      if (fileURL === undefined || !/^[^:#/][^:]*\.md(#|$)/.test(node.url)) return;
      const { href, hash } = new URL(node.url, fileURL);
      const path = href
        .slice(docs.href.length, href.length - hash.length)
        .replace(/(?:(^|\/)index)?\.md$/, "");
      context.setProperty(node, "url", `/${path}${hash}`);
    },
  });
}
