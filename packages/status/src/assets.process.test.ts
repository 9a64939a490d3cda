import { expect, test } from "vitest";
import { buildAssets } from "./assets.ts";
import { renderPage } from "./index.ts";
import { check, history, INCIDENTS, NOON } from "./testing/fixtures.ts";
import { toStatus } from "./to-status.ts";

const BYTES_MAX = 30_000;

test("gives equal names to equal content", async () => {
  const [one, other] = await Promise.all([buildAssets(), buildAssets()]);
  expect(one).toEqual(other);
  expect(one.css.name).toMatch(/^status\.\w{8}\.css$/);
  expect(one.script.name).toMatch(/^status\.\w{8}\.js$/);
});

test("page, style and script are smaller than 30 KB together", async () => {
  const { css, script } = await buildAssets();
  const status = toStatus(check({ rabbitmq: "down" }), undefined, { intervalSeconds: 60 });
  const page = renderPage({
    status,
    history: history(),
    incidents: INCIDENTS,
    now: NOON,
    assets: { css: css.name, script: script.name },
  });
  expect(Buffer.byteLength(page + css.content + script.content)).toBeLessThan(BYTES_MAX);
});
