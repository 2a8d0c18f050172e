import { isIP } from "node:net";
import type { Place } from "../../quorum/place.ts";
import { Trouble } from "../trouble.ts";

export const SENTINEL_PORT = 26_379;

/** `host:port`, `[::1]:port`, or a host alone with the usual port. @throws Trouble */
export function placeOf(text: string, usualPort = SENTINEL_PORT): Place {
  if (isIP(text) === 6) return { host: text, port: usualPort };
  const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = v6 ?? name;
  const port = digits === undefined ? usualPort : Number(digits);
  if (host !== undefined && port > 0 && port < 65_536 && (v6 === undefined || isIP(v6) === 6)) {
    return { host, port };
  }
  throw new Trouble(`'${text}' is no host:port`);
}

/** `a:1,b:2`. @throws Trouble */
export function placesOf(text: string): Place[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word) => placeOf(word));
}
