import { expect, test } from "vitest";
import { renderMarkdown } from "./markdown.ts";

test.each([
  ["", ""],
  ["One\nparagraph.\n\nAnother.", "<p>One\nparagraph.</p><p>Another.</p>"],
  [
    "Some *words* are **strong**, `a*b*c`.",
    "<p>Some <em>words</em> are <strong>strong</strong>, <code>a*b*c</code>.</p>",
  ],
  ["- one\n- two", "<ul><li>one</li><li>two</li></ul>"],
  [
    "[docs](https://example.com/a_b?c=1&d=2)",
    '<p><a href="https://example.com/a_b?c=1&amp;d=2">docs</a></p>',
  ],
  ["[a](https://example.com/*b*)", '<p><a href="https://example.com/*b*">a</a></p>'],
  ["[docs](/problems/conflict)", '<p><a href="/problems/conflict">docs</a></p>'],
])("renders %j as %s", (text, html) => expect(renderMarkdown(text)).toBe(html));

test.each([
  "<script>alert(1)</script>",
  '<img src=x onerror="alert(1)">',
  "[a](javascript:alert(1))",
  "[a](data:text/html,x)",
  '[a](https://example.com/"onclick="x)',
  "[<b>](https://example.com/<b>)",
  "`<b>`",
])("%s creates no tag or attribute of its own", (text) => {
  const rest = renderMarkdown(text).replaceAll(/<\/?(p|code|a)( href="(https?:\/)?\/[^"]*")?>/g, "");
  expect(rest).not.toMatch(/[<>"]/);
});
