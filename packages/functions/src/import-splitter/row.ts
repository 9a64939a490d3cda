/** A row of the file, in which the line is the one that it begins on: what it says, or why it cannot be read. */
export type Row = { line: number; value: unknown } | { line: number; flaw: string };
