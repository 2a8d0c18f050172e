/** The lines that tell a version stand in the first section of INFO. */
const HEAD_LENGTH = 512;

/** What a server is, by the text of its INFO: `7.0.15`, or of Valkey `valkey 8.1.0`; null: it tells neither. */
export function versionOf(infoText: string | null): string | null {
  if (infoText === null) return null;
  const head = infoText.slice(0, HEAD_LENGTH);
  const valkey = lineValue(head, "valkey_version:");
  return valkey === null ? lineValue(head, "redis_version:") : `valkey ${valkey}`;
}

function lineValue(text: string, name: string): string | null {
  const at = text.indexOf(name);
  if (at === -1) return null;
  const from = at + name.length;
  const end = text.indexOf("\n", from);
  return end === -1 ? null : text.slice(from, end).trimEnd();
}
