import { basename, join } from "node:path";
import { build } from "esbuild";

export interface Asset {
  /** Contains a hash of the content, so the content under a name never changes. */
  name: string;
  content: string;
}

/** The page's style sheet and script, with the names that `renderPage` needs. */
export async function buildAssets(): Promise<{ css: Asset; script: Asset }> {
  const { outputFiles } = await build({
    entryPoints: {
      status: join(import.meta.dirname, "browser/client.ts"),
      style: join(import.meta.dirname, "status.css"),
    },
    outdir: import.meta.dirname,
    entryNames: "status.[hash]",
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    // The first versions with AbortSignal.timeout. An older browser shows the page as the probe wrote it.
    target: ["chrome103", "firefox100", "safari16"],
    legalComments: "none",
    logLevel: "warning",
  });
  const asset = (extension: string) => {
    const file = outputFiles.find(({ path }) => path.endsWith(extension));
    if (!file) throw new Error(`esbuild made no ${extension} file.`);
    return { name: basename(file.path), content: file.text };
  };
  return { css: asset(".css"), script: asset(".js") };
}
