import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ImportAccepted, ImportSeen, type MovieBody } from "@cloud-design/core/inventory";
import type * as z from "zod";
import { SetupError } from "../supervisor/part.ts";

const POLL_MS = 500;
/** A minute or so without an answer; the import itself goes on meanwhile. */
const MISSES_MAX = 100;

interface ImportOptions {
  /** The base address of the API: the gateway, or the site before it. */
  apiUrl: string;
  token: string;
  report: (doing: string) => void;
}

/** Imports films as a client does: announces a file, sends it to S3, and reports until it is loaded. The same films twice add nothing. */
export async function importFilms(films: readonly MovieBody[], options: ImportOptions): Promise<void> {
  const { apiUrl, token, report } = options;
  const file = films.map((film) => `${JSON.stringify(film)}\n`).join("");
  const ask = async <T>(schema: z.ZodType<T>, path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return schema.parse(JSON.parse(await textOf(new URL(path, apiUrl), { ...init, headers })));
  };
  const accepted = await ask(ImportAccepted, "/api/imports", {
    method: "POST",
    body: JSON.stringify({
      format: "ndjson",
      bytes: Buffer.byteLength(file),
      sha256: createHash("sha256").update(file).digest("hex"),
    }),
  });
  const form = new FormData();
  for (const [name, value] of Object.entries(accepted.upload.fields)) form.set(name, value);
  form.set("file", new Blob([file]));
  await textOf(accepted.upload.url, { method: "POST", body: form });
  for (let misses = 0; ; await sleep(POLL_MS)) {
    const seen = await ask(ImportSeen, `/api/imports/${accepted.id}`).catch((error: unknown) => {
      if (++misses > MISSES_MAX) throw error;
    });
    if (!seen) continue;
    misses = 0;
    const { state, reason, rows } = seen;
    if (state === "failed") throw new SetupError(`The import of the films has failed: ${reason}.`);
    if (rows.total !== undefined) report(`${figure(rows.done)} of ${figure(rows.total)} films`);
    if (state === "done") return;
  }
}

async function textOf(url: string | URL, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (response.ok) return text;
  throw new SetupError(`The films could not be imported: ${response.status} ${text.slice(0, 300)}`);
}

const figure = (count: number) => count.toLocaleString("en");
