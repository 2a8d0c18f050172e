import type { Answer, Told } from "../quorum/answer.ts";
import { pictureOf, type QuorumPicture } from "../quorum/picture.ts";
import { nameOf, type Place } from "../quorum/place.ts";
import { infosByName, readMaster, readSentinel } from "../quorum/read-sentinel.ts";
import { isList, type Row, rowOf, rowsOf } from "../quorum/rows.ts";
import type { Asked, MasterSight, SentinelSight } from "../quorum/sight.ts";
import type { Access } from "./connect/access.ts";
import type { Client } from "./connect/client.ts";
import { NoAnswer, Refusal } from "./connect/errors.ts";
import { escaped, shown } from "./shown.ts";
import { spanOf } from "./times.ts";
import { Trouble } from "./trouble.ts";

/** A Sentinel that names thousands of others cannot make us ask them all. */
const MAX_ASKED = 64;
/** Each INFO has some kB: so many names are asked for in one command, which a C Sentinel answers in one go. */
const NAMES_PER_INFO_CACHE = 50;

const HOW_TO_AUTHENTICATE =
  "their password is said by --auth-file FILE, REDISCLI_AUTH or --conf FILE, and their user by --user";

interface Question {
  /** About one master alone; null: about all of them. */
  readonly name: string | null;
}

/**
 * Asks the Sentinels that the operator named, and at once those that they name, all of them within `--timeout`. Who
 * does not answer is in the list, with the reason.
 *
 * @throws Trouble if none answers, with what each attempt met.
 */
async function askQuorum(access: Access, question: Question): Promise<readonly Asked[]> {
  const asked = await new Inquiry(access, question).run();
  if (asked.some(({ told }) => told.ok)) return asked;
  const met = asked.map(({ place, told }) => `  ${nameOf(place)}: ${told.ok ? "" : told.error}`);
  const isClosed = met.some((line) => line.includes(": NOAUTH "));
  const hint = isClosed ? [`  ${HOW_TO_AUTHENTICATE}`] : [];
  throw new Trouble(`no Sentinel answers\n${[...met, ...hint].join("\n")}`);
}

/**
 * What all of them together tell; `name`: of one master alone.
 *
 * @throws Trouble if none answers, or none knows a master of this name.
 */
export async function pictureFrom(access: Access, name: string | null): Promise<QuorumPicture> {
  const picture = pictureOf(await askQuorum(access, { name }), name);
  if (name === null || picture.masters.length > 0) return picture;
  throw new Trouble(`no Sentinel that answers watches a master '${shown(name)}'`);
}

class Inquiry {
  readonly #access: Access;
  readonly #question: Question;
  readonly #asked = new Map<string, Asked>();
  readonly #open = new Set<Client>();
  readonly #running: Promise<void>[] = [];
  /** Of those that answered. */
  readonly #ids = new Set<string>();
  #isOver = false;

  constructor(access: Access, question: Question) {
    this.#access = access;
    this.#question = question;
  }

  async run(): Promise<readonly Asked[]> {
    const { places, timeoutMs } = this.#access;
    for (const place of places) this.#start(place, true);
    const { promise: late, cancel } = timer(timeoutMs);
    await Promise.race([this.#settled(), late]);
    cancel();
    this.#isOver = true;
    for (const client of this.#open) client.close();
    return [...this.#asked.values()];
  }

  /** Who answers may name others, which are waited for, too. */
  async #settled(): Promise<void> {
    for (let at = 0; at < this.#running.length; at++) await this.#running[at];
  }

  #start(place: Place, isNamed: boolean): void {
    const key = nameOf(place);
    if (this.#asked.has(key) || this.#asked.size >= MAX_ASKED || this.#isOver) return;
    const error = `no answer within ${spanOf(this.#access.timeoutMs)}`;
    this.#asked.set(key, { place, isNamed, told: { ok: false, error } });
    this.#running.push(this.#ask(place, isNamed));
  }

  async #ask(place: Place, isNamed: boolean): Promise<void> {
    const told = await this.#hear(place);
    if (this.#isOver) return;
    this.#asked.set(nameOf(place), { place, isNamed, told });
    if (!told.ok) return;
    const { id, masters } = told.value;
    if (id !== null) this.#ids.add(id);
    for (const { host, port, runId } of masters.flatMap(({ sentinels }) => sentinels)) {
      if (host !== "" && port > 0 && !this.#ids.has(runId)) this.#start({ host, port }, false);
    }
  }

  async #hear(place: Place): Promise<Told<SentinelSight>> {
    try {
      const client = await this.#access.sentinel(place);
      this.#open.add(client);
      try {
        return { ok: true, value: await sightOf(client, this.#question) };
      } finally {
        this.#open.delete(client);
        client.close();
      }
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  }
}

async function sightOf(client: Client, { name }: Question): Promise<SentinelSight> {
  // All at once, and the answers in their order.
  const [id, { answer: info, heardAtMs }, all] = await Promise.all([
    told(client.call(["SENTINEL", "MYID"])),
    told(client.call(["INFO"])).then((answer) => ({ answer, heardAtMs: Date.now() })),
    masterRows(client, name),
  ]);
  const rows = all.filter((row) => name === null || row.text("name") === name);
  const { certificateLeftMs } = client;
  const itself = { id, info, heardAtMs, certificateLeftMs };
  const { program } = readSentinel(itself, []);
  const [infos, pauses] = await Promise.all([
    infoCaches(client, rows),
    program.isOurs ? told(client.call(["SENTINEL", "PAUSES"])) : null,
  ]);
  const ofAll = {
    infos,
    pauses: pauses?.ok === true ? pauses.value : null,
    isOurs: program.isOurs,
  };
  const masters = rows.map((row) => askMaster(client, row, ofAll));
  return readSentinel(itself, await Promise.all(masters));
}

/** Who may not ask for all of them may still ask for one. */
async function masterRows(client: Client, name: string | null): Promise<Row[]> {
  const all = await told(client.call(["SENTINEL", "MASTERS"]));
  if (all.ok && isList(all.value)) return rowsOf(all.value);
  if (all.ok || /unknown command/i.test(all.error)) throw new Refusal("it is no Sentinel");
  if (name === null || !all.error.startsWith("NOPERM")) throw new Refusal(all.error);
  return [rowOf(await client.call(["SENTINEL", "MASTER", name]))];
}

/** What a Sentinel told of all its masters at once. */
interface ToldOfAll {
  readonly infos: ReadonlyMap<string, Answer>;
  readonly pauses: Answer;
  readonly isOurs: boolean;
}

/** The last failover is among so many entries of a journal, or it is none that one asks for. */
const ENTRIES = "20";

async function askMaster(
  client: Client,
  row: Row,
  { infos, pauses, isOurs }: ToldOfAll,
): Promise<MasterSight> {
  const name = row.text("name");
  const ask = (word: string) => told(client.call(["SENTINEL", word, name]));
  const [replicas, sentinels, quorumCheck, entries] = await Promise.all([
    ask("REPLICAS"),
    ask("SENTINELS"),
    ask("CKQUORUM"),
    isOurs ? told(client.call(["SENTINEL", "JOURNAL", name, "COUNT", ENTRIES])) : null,
  ]);
  const journal = entries?.ok === true ? entries.value : null;
  const cached = infos.get(name) ?? null;
  const answers = { replicas, sentinels, quorumCheck, infos: cached, pauses, journal };
  return readMaster({ master: row, ...answers });
}

async function infoCaches(
  client: Client,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, Answer>> {
  const names = rows.map((row) => row.text("name"));
  const all = new Map<string, Answer>();
  for (let at = 0; at < names.length; at += NAMES_PER_INFO_CACHE) {
    const some = names.slice(at, at + NAMES_PER_INFO_CACHE);
    const answer = await told(client.call(["SENTINEL", "INFO-CACHE", ...some]));
    if (!answer.ok) break;
    for (const [name, infos] of infosByName(answer.value)) all.set(name, infos);
  }
  return all;
}

/** An error that was answered is an answer; a lost connection is none. */
export async function told(answer: Promise<Answer>): Promise<Told<Answer>> {
  try {
    return { ok: true, value: await answer };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.message };
    throw error;
  }
}

/** @throws what is no failure of the other side. */
function messageOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof NoAnswer) return escaped(error.message);
  throw error;
}

function timer(ms: number): { promise: Promise<void>; cancel: () => void } {
  let handle: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((resolve) => {
    handle = setTimeout(resolve, ms);
  });
  return { promise, cancel: () => clearTimeout(handle) };
}
