/** Fails for what is not UTF-8. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// biome-ignore lint/suspicious/noControlCharactersInRegex: the question is about bytes.
const ASCII = /^[\x00-\x7f]*$/;

/** What the bytes of a byte string say in UTF-8; of those that say nothing in it, each beyond ASCII as `\xe9`. */
export function shown(bytes: string): string {
  if (ASCII.test(bytes)) return bytes;
  try {
    return UTF_8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return bytes.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}

/** JSON of a view: byte strings as `shown`, whole numbers of any size as they are. */
export function toJson(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(shown(value));
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? "null" : composite(value);
    default:
      return JSON.stringify(value) ?? "null";
  }
}

function composite(value: object): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  let fields = "";
  for (const [name, field] of Object.entries(value)) {
    fields += `${fields === "" ? "" : ","}"${name}":${toJson(field)}`;
  }
  return `{${fields}}`;
}
