/** The server crosses the same border, so it lies where both may import from. */
export { bytesOf, textOf } from "../config/bytes.ts";
