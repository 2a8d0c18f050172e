/** One receiver of events. */
export interface HookConfig {
  /** For the log and metrics: an address may hold a secret, and is never shown. */
  readonly name: string;
  readonly url: string;
  /** Patterns of names, such as `-failover-abort-*`. */
  readonly events: readonly string[];
  /** Signs what is sent; null: nothing does. */
  readonly secret: string | null;
  /** Authorities of its certificate, as PEM; null: those of Node. */
  readonly authorities: string | null;
}

const FIELDS = ["name", "url", "events", "secretFile", "caFile"];

/**
 * Reads the text of `--webhooks`. `read` is asked for the files that it names, `isSecret` or not.
 *
 * @throws an Error in the operator's words, in which no address stands.
 */
export function readHooks(
  text: string,
  read: (path: string, isSecret: boolean) => string,
): readonly HookConfig[] {
  const given = parse(text);
  if (!Array.isArray(given)) throw new Error("it is no list of hooks");
  const hooks = given.map((one: unknown, at) => readHook(one, at + 1, read));
  const names = hooks.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`two hooks have the name '${twice}'`);
  return hooks;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser shows a part of the text.
    throw new Error("it is no JSON");
  }
}

function readHook(
  given: unknown,
  count: number,
  read: (path: string, isSecret: boolean) => string,
): HookConfig {
  const where = `hook ${count}`;
  if (typeof given !== "object" || given === null) throw new Error(`${where} is no object`);
  const fields = new Map<string, unknown>(Object.entries(given));
  const unknown = [...fields.keys()].find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new Error(`${where} has a field '${unknown}' that there is none`);
  const text = (name: string): string | null => {
    const value = fields.get(name) ?? null;
    if (value === null || (typeof value === "string" && value !== "")) return value;
    throw new Error(`${name} of ${where} is no text`);
  };
  const [secretFile, caFile] = [text("secretFile"), text("caFile")];
  return {
    name: text("name") ?? `${count}`,
    url: checkUrl(text("url"), where),
    events: checkEvents(fields.get("events"), where),
    secret: secretFile === null ? null : secretOf(read(secretFile, true), where),
    authorities: caFile === null ? null : read(caFile, false),
  };
}

function checkUrl(url: string | null, where: string): string {
  if (url !== null && /^https?:$/.test(protocolOf(url))) return url;
  throw new Error(`the url of ${where} is none of http or https`);
}

/** `URL.canParse` of Node 20 is wrong for some texts once it is compiled. */
function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return "";
  }
}

function checkEvents(events: unknown, where: string): readonly string[] {
  const isList = Array.isArray(events) && events.length > 0;
  if (isList && events.every((one: unknown) => typeof one === "string")) return events;
  throw new Error(`events of ${where} is no list of names, such as ["+switch-master"]`);
}

function secretOf(text: string, where: string): string {
  const secret = text.trim();
  if (secret === "") throw new Error(`the secret of ${where} is empty`);
  return secret;
}
