import { findChromium, launchBrowser } from "./packages/local/src/testing/chromium.ts";

const [, , scheme = "light", width = "1280", ...paths] = process.argv;
const browser = await launchBrowser(await findChromium(console.log));
const context = await browser.newContext({
  colorScheme: scheme as "light",
  viewport: { width: Number(width), height: 900 },
});
for (const path of paths) {
  const page = await context.newPage();
  page.on("console", (m) => console.log(path, m.type(), m.text()));
  page.on("pageerror", (e) => console.log(path, "ERROR", e.message));
  page.on("request", (r) => {
    if (!r.url().startsWith("http://localhost:4000") && !r.url().startsWith("data:"))
      console.log("THIRD", r.url());
  });
  page.on("response", (r) => {
    if (r.status() >= 400) console.log(path, r.status(), r.url());
  });
  await page.goto(`http://localhost:4000${path}`, { waitUntil: "networkidle" });
  await page.screenshot({
    path: `/tmp/shots/${scheme}-${width}${path.replaceAll("/", "_")}.png`,
    fullPage: path.includes("status"),
  });
  await page.close();
}
await browser.close();
