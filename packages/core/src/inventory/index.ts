export * from "./create.ts";
export * from "./from-id.ts";
export * from "./imports/index.ts";
export * from "./list.ts";
export * from "./movie.ts";
export * from "./remove.ts";
export * from "./sweeps.ts";
export * from "./update.ts";
