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

/** It draws without a graphics card, and calls nobody on its own. */
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
      // Without a font it draws no text.
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
  // Ubuntu's package of this name is a pointer to another store.
  if (!existsSync(executable)) throw new Error("there is no browser in its package");
  const profile = join(root, ".profile");
  // Proves, before anything relies on it, that every shared library is there and that text has a font: without, it has no width.
  const args = ["--headless", ...FLAGS, ...(isRoot ? ["--no-sandbox"] : []), `--user-data-dir=${profile}`];
  const measured = await run(executable, [...args, "--dump-dom", MEASURE], { env });
  if (!/title="[1-9]/.test(measured)) throw new Error("it starts and finds no font");
  await rm(profile, { recursive: true, force: true });
}

const MEASURE = "data:text/html,<b id=b>text</b><script>b.title = b.offsetWidth</script>";

/**
 * Debian's own file need not be there, and does not name what was unpacked. A font that is
 * installed is not unpacked. Whatever family a page asks for, this one is there.
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
    // The one in usr/bin is a script that looks for the system's.
    executable: join(root, "usr/lib/chromium/chromium"),
    env: { LD_LIBRARY_PATH: libraryPath(root), FONTCONFIG_FILE: fontsFile(root) },
  };
}

/** Headless, behind an address that `chromium.connect` takes; each of its contexts has an empty profile of its own. */
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
