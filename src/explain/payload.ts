/** How a payload begins: with an instance of the two forms of [EVENT-FORM], or with words of its own. */
export type PayloadForm = "instance" | "words";

export interface Parts {
  readonly kind: "master" | "slave" | "sentinel" | null;
  /** Of the instance: a master's name, a replica's address, a Sentinel's id. */
  readonly name: string;
  readonly host: string;
  readonly port: string;
  /** The name of the master that it is or belongs to. */
  readonly master: string;
  /** The words behind it. */
  readonly rest: readonly string[];
}

const MASTER = /^(master) (.+?) (\S*) (\d+)(?: (.*))?$/s;
/** The name of a master may hold blanks; ` @ ` ends what is before it. */
const OTHER = /^(slave|sentinel) (\S+) (\S*) (\d+) @ (.+?) \S* \d+(?: (.*))?$/s;

/** Takes a payload apart; null: it has not this form. */
export function partsOf(payload: string, form: PayloadForm): Parts | null {
  const none = { kind: null, name: "", host: "", port: "", master: "" };
  if (form === "words") return { ...none, rest: wordsOf(payload) };
  const [, , own, ownHost, ownPort, ownRest] = MASTER.exec(payload) ?? [];
  if (own !== undefined && ownHost !== undefined && ownPort !== undefined) {
    const about = { name: own, host: ownHost, port: ownPort, master: own };
    return { kind: "master", ...about, rest: wordsOf(ownRest) };
  }
  const [, kind, name, host, port, master, rest] = OTHER.exec(payload) ?? [];
  const isComplete = name !== undefined && host !== undefined && port !== undefined;
  if (!isComplete || master === undefined) return null;
  const about = { name, host, port, master, rest: wordsOf(rest) };
  return { kind: kind === "slave" ? "slave" : "sentinel", ...about };
}

function wordsOf(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(" ");
}
