/** A record of CSV. */
export interface CsvRecord {
  /** The line that it begins on, from 1. */
  line: number;
  /** The first ones, as many as are wanted, without text when the record is too long. */
  fields: string[];
  fieldCount: number;
  isTooLong: boolean;
  /** The file ends within a quoted field. */
  isOpen: boolean;
}

interface Limits {
  fieldsMax: number;
  charactersMax: number;
}

/**
 * The records of CSV (RFC 4180) with LF behind each; blank lines are left out. Text behind the end of its quotes belongs to
 * the field, as spreadsheets take it, so that an odd quote spoils one row and not the next ones. The parsers in the registry hold a whole record, and a file can be one record,
 * of 26 million fields: this one holds no more of it than the limits allow.
 */
export async function* records(
  texts: AsyncIterable<string>,
  { fieldsMax, charactersMax }: Limits,
): AsyncGenerator<CsvRecord> {
  const delimiter = /[,\n]/g;
  /** `quote`: behind a quote within a quoted field, which is its end or the first of two. */
  let place: "begin" | "bare" | "quoted" | "quote" = "begin";
  let [line, characters, field] = [1, 0, ""];
  let record: CsvRecord = { line, fields: [], fieldCount: 0, isTooLong: false, isOpen: false };

  function add(text: string): void {
    characters += text.length;
    record.isTooLong ||= characters > charactersMax;
    field = record.isTooLong || record.fieldCount >= fieldsMax ? "" : field + text;
  }
  function endField(): void {
    if (record.fieldCount++ < fieldsMax) record.fields.push(field);
    [place, field] = ["begin", ""];
  }
  function endRecord(): CsvRecord | undefined {
    endField();
    const ended = record;
    const isBlank = ended.fieldCount === 1 && characters === 0;
    record = { line, fields: [], fieldCount: 0, isTooLong: false, isOpen: false };
    characters = 0;
    return isBlank ? undefined : ended;
  }

  for await (const text of texts) {
    for (let at = 0; at < text.length; ) {
      if (place === "begin") {
        place = text[at] === '"' ? "quoted" : "bare";
        if (place === "quoted") at++;
      } else if (place === "bare") {
        delimiter.lastIndex = at;
        const end = delimiter.exec(text)?.index ?? text.length;
        add(text.slice(at, end));
        at = end + 1;
        if (text[end] === ",") endField();
        else if (text[end] === "\n") {
          line++;
          const ended = endRecord();
          if (ended) yield ended;
        }
      } else if (place === "quoted") {
        const end = text.indexOf('"', at);
        const part = text.slice(at, end === -1 ? text.length : end);
        line += part.split("\n").length - 1;
        add(part);
        at += part.length + 1;
        if (end !== -1) place = "quote";
      } else if (text[at] === '"') {
        place = "quoted";
        add('"');
        at++;
      } else place = "bare";
    }
  }
  record.isOpen = place === "quoted";
  if (!record.isOpen && record.fieldCount === 0 && characters === 0) return;
  const last = endRecord();
  if (last) yield last;
}
