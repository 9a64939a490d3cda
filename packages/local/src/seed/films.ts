import { readFile } from "node:fs/promises";
import type { MovieBody } from "@cloud-design/core/inventory/movie";
import * as z from "zod";

/** The film data of the Vega project (npm `vega-datasets`, BSD-3-Clause). Titles that are years arrive as numbers. */
const Film = z.object({
  Title: z.union([z.string(), z.number()]).nullable(),
  Director: z.string().nullable(),
  Distributor: z.string().nullable(),
  "Major Genre": z.string().nullable(),
  "Release Date": z.string().nullable(),
});

export async function films(): Promise<MovieBody[]> {
  const file = new URL("../data/movies.json", import.meta.resolve("vega-datasets"));
  return z
    .array(Film)
    .parse(JSON.parse(await readFile(file, "utf8")))
    .map(toMovie);
}

function toMovie(film: z.output<typeof Film>): MovieBody {
  const year = /\d{4}$/.exec(film["Release Date"] ?? "")?.[0];
  const genre = film["Major Genre"] ?? "Film";
  const sentences = [
    year ? `${genre}, ${year}` : genre,
    film.Director && `Directed by ${film.Director}`,
    film.Distributor && `Distributed by ${film.Distributor}`,
  ];
  return {
    title: String(film.Title ?? "Untitled"),
    description: sentences.flatMap((sentence) => (sentence ? `${sentence}.` : [])).join(" "),
  };
}
