// A program: `build-stage.ts SIGN-IN-URL` makes a stage's site from the built one, with the stage's addresses in its documents.
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LAPTOP_NOTE, LAPTOP_SIGN_IN, STAGE_NOTE } from "@cloud-design/contract/addresses";
import { committedDocument } from "@cloud-design/contract/document";
import { stageDocuments } from "@cloud-design/contract/stage-documents";
import { putInPlace } from "./put-in-place.ts";
import { BUILT, siteDirectory } from "./site-directory.ts";

/** The reference, which Astro generates from the OpenAPI document too. */
const REFERENCE = "reference/index.html";

const [signInUrl = ""] = process.argv.slice(2);
const temporary = await mkdtemp(join(BUILT, "build-"));
await cp(siteDirectory(), temporary, { recursive: true });
for (const [path, text] of stageDocuments(committedDocument(), signInUrl))
  await writeFile(join(temporary, path), text);
const page = join(temporary, REFERENCE);
const html = await readFile(page, "utf8");
await writeFile(page, html.replaceAll(LAPTOP_SIGN_IN, signInUrl).replaceAll(LAPTOP_NOTE, STAGE_NOTE));
await putInPlace(temporary, siteDirectory(signInUrl));
