/** The bucket with the files of imports. */
export const IMPORTS_BUCKET = "imports";
