export * from "./create.ts";
export { cursorAfter } from "./cursor.ts";
export * from "./from-id.ts";
export * from "./list.ts";
export * from "./movie.ts";
export * from "./remove.ts";
export * from "./update.ts";
