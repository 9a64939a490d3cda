export { run } from "../token.ts";
