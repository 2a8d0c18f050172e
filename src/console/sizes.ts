import { sizeIn } from "../base/sizes.ts";
import { Trouble } from "./trouble.ts";

/** Of an option: `1MB`, `500kB`, `0`. @throws Trouble */
export function bytesIn(text: string, option: string): bigint {
  const bytes = sizeIn(text);
  if (bytes !== null) return bytes;
  throw new Trouble(`--${option} ${text} is no size: say 500kB, 1MB or 2GB`);
}
