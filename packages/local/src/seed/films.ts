import { readFile } from "node:fs/promises";
import type { MovieBody } from "@cloud-design/core/inventory/movie";
import * as z from "zod";

/** One page of a list shows all of them and what a caller adds. */
const WELL_KNOWN = 800;
/** The year in which the data was gathered. A later year in the data is wrong: 1946 stands there as 2046. */
const LAST_YEAR = 2011;

/** The film data of the Vega project (npm `vega-datasets`, BSD-3-Clause). Titles that are years arrive as numbers. */
const Film = z.object({
  Title: z.union([z.string(), z.number()]).nullable(),
  Director: z.string().nullable(),
  Distributor: z.string().nullable(),
  "Major Genre": z.string().nullable(),
  "Release Date": z.string().nullable(),
  "IMDB Votes": z.number().nullable(),
});
type Film = z.output<typeof Film>;

/** Names the data in the record of a load's progress: under another name, row N is another film. */
export function dataName({ all }: { all: boolean }): string {
  return all ? "all" : `best-${WELL_KNOWN}`;
}

/** The 800 best known films with complete data, the best known last; or all rows of the data, with their flaws. */
export async function films({ all }: { all: boolean }): Promise<MovieBody[]> {
  const file = new URL("../data/movies.json", import.meta.resolve("vega-datasets"));
  const rows = z.array(Film).parse(JSON.parse(await readFile(file, "utf8")));
  if (all) return rows.map(toMovie);
  const byTitle = new Map(rows.filter(isClean).map((film) => [`${film.Title}`.toLowerCase(), film]));
  return [...byTitle.values()]
    .sort((a, b) => votes(a) - votes(b))
    .slice(-WELL_KNOWN)
    .map(toMovie);
}

/** Complete, in plain ASCII (the data's accented letters are broken), and from a year that is not in the future. */
function isClean(film: Film): boolean {
  const { Title, Director, Distributor, "Major Genre": genre } = film;
  const texts = [Title, Director, Distributor, genre].map(String);
  const isComplete = Title !== null && Director !== null && Distributor !== null && genre !== null;
  return isComplete && texts.every((text) => /^[ -~]+$/.test(text)) && Number(yearOf(film)) <= LAST_YEAR;
}

const votes = (film: Film) => film["IMDB Votes"] ?? 0;
const yearOf = (film: Film) => /\d{4}$/.exec(film["Release Date"] ?? "")?.[0];

function toMovie(film: Film): MovieBody {
  const year = yearOf(film);
  const genre = film["Major Genre"] ?? "Film";
  const sentences = [
    year ? `${genre}, ${year}` : genre,
    film.Director && `Directed by ${film.Director}`,
    film.Distributor && `Distributed by ${film.Distributor}`,
  ];
  return {
    title: String(film.Title ?? "Untitled").replaceAll(/ +/g, " "),
    description: sentences.flatMap((sentence) => (sentence ? sentence.replace(/\.?$/, ".") : [])).join(" "),
  };
}
