import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianProgram, libraryPath } from "@cloud-design/local/servers/debian-packages";
import { run } from "@cloud-design/local/servers/run";
import { findProgram } from "@cloud-design/local/servers/search-path";
import { isRoot } from "@cloud-design/local/servers/unprivileged";
import { type BrowserServer, chromium } from "playwright-core";

/** A browser, and the environment in which it finds its libraries and fonts. */
export interface Chromium {
  executable: string;
  env: Readonly<Record<string, string>>;
}

/** Draws without a graphics card, and makes no requests of its own. */
const FLAGS = [
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const MACOS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** An installed Chromium or Chrome, or one that is unpacked from Debian's packages into the user's cache. */
export async function findChromium(report: (doing: string) => void): Promise<Chromium> {
  const executable = NAMES.map(findProgram).find((path) => path !== undefined) ?? MACOS.find(existsSync);
  if (executable !== undefined) return { executable, env: {} };
  const root = await debianProgram(
    {
      title: "Chromium",
      // Without a font, the browser draws no text.
      packages: ["chromium", "fonts-dejavu-core"],
      prepare: prepareChromium,
      howToGetIt: "Install it (your system's package `chromium`), or Google Chrome.",
    },
    report,
  );
  return unpackedChromium(root);
}

async function prepareChromium(root: string): Promise<void> {
  await writeFile(fontsFile(root), FONTS);
  const { executable, env } = unpackedChromium(root);
  // Ubuntu's package of this name only points to another store.
  if (!existsSync(executable)) throw new Error("its package contains no browser");
  const profile = join(root, ".profile");
  // Proves that every shared library is there and that text has a font, before the browser is used: without a font, text has no width.
  const args = ["--headless", ...FLAGS, ...(isRoot ? ["--no-sandbox"] : []), `--user-data-dir=${profile}`];
  const measured = await run(executable, [...args, "--dump-dom", MEASURE], { env });
  if (!/title="[1-9]/.test(measured)) throw new Error("it starts and finds no font");
  await rm(profile, { recursive: true, force: true });
}

const MEASURE = "data:text/html,<b id=b>text</b><script>b.title = b.offsetWidth</script>";

/**
 * The configuration of fonts. Debian's own file may be missing, and does not name the unpacked folder. A font that is
 * installed is not unpacked again. A page gets this font for every family that it asks for.
 */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir prefix="relative">usr/share/fonts</dir>
<dir>/usr/share/fonts</dir>
<match target="pattern"><edit name="family" mode="append_last"><string>DejaVu Sans</string></edit></match>
<cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

function fontsFile(root: string): string {
  return join(root, "fonts.conf");
}

function unpackedChromium(root: string): Chromium {
  return {
    // The file in usr/bin is a script that looks for the system's browser.
    executable: join(root, "usr/lib/chromium/chromium"),
    env: { LD_LIBRARY_PATH: libraryPath(root), FONTCONFIG_FILE: fontsFile(root) },
  };
}

/** Headless, at an address that `chromium.connect` accepts; each of its contexts has an empty profile of its own. */
export function launchBrowser({ executable, env }: Chromium): Promise<BrowserServer> {
  return chromium.launchServer({
    host: "127.0.0.1",
    executablePath: executable,
    env: { ...process.env, ...env },
    // Chromium's sandbox refuses to run as root.
    chromiumSandbox: !isRoot,
    args: FLAGS,
  });
}
