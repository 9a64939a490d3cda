import { PROBLEMS } from "@cloud-design/http";
import { expect, inject, test } from "vitest";

test("the type of a problem leads to a page that says what to do", async () => {
  const refused = await fetch(`${inject("gatewayUrl")}/api/movies`);
  const { type } = (await refused.json()) as { type: string };
  const page = await fetch(type);
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
  expect(await page.text()).toContain(PROBLEMS.unauthenticated.title);
});

test.each(Object.entries(PROBLEMS))("there is a page for %s", async (code, { title }) => {
  const page = await fetch(`${inject("gatewayUrl")}/problems/${code}`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain(`<h1>${title}</h1>`);
});

test("there is no page for a problem that does not exist", async () => {
  expect((await fetch(`${inject("gatewayUrl")}/problems/toString`)).status).toBe(404);
});
