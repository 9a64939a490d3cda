import { hash } from "node:crypto";
import { everyField } from "../../every-field.ts";
import type { MovieBody } from "../movie.ts";

/** The same film in two spellings of one text: composed Unicode, line feeds, and no white space at the ends of a field. */
export function normalise(movie: MovieBody): MovieBody {
  return Object.fromEntries(
    Object.entries(movie).map(([field, value]) => [field, typeof value === "string" ? tidy(value) : value]),
  ) as MovieBody;
}

function tidy(text: string): string {
  return text.normalize("NFC").replaceAll(/\r\n?/g, "\n").trim();
}

/** Identifies a normalised movie by its whole content: SHA-256 in base64url, 43 characters. */
export function digestOf({ title, description, ...others }: MovieBody): string {
  return hash("sha256", JSON.stringify(everyField([title, description], others)), "base64url");
}
