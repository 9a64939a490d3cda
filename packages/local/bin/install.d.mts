export const NEED_EVERYTHING: readonly string[];
