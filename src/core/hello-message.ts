import { isPort, shownHost } from "./address.ts";
import type { Context } from "./context.ts";
import { MAX_EPOCH } from "./defaults.ts";
import { masterOf } from "./event.ts";
import { currentAddress } from "./records.ts";
import type { Epoch, Instance, RunId } from "./state.ts";

/** The eight fields of a hello, in their order on the wire [HELLO-FIELDS]. */
export interface HelloMessage {
  readonly host: string;
  readonly port: number;
  readonly runId: RunId;
  readonly currentEpoch: Epoch;
  readonly masterName: string;
  readonly masterHost: string;
  readonly masterPort: number;
  readonly configEpoch: Epoch;
}

/**
 * What we announce through an instance: who and where we are, and where its master is
 * (sentinelSendHello). Null while an address of ours or the master's is not known.
 */
export function formatHello(ctx: Context, instance: Instance): string | null {
  const { settings, myId, savedEpoch } = ctx.state;
  const master = masterOf(instance);
  const address = currentAddress(master);
  const ownHost = settings.announceIp || instance.link.command?.localIp;
  const masterHost = shownHost(settings, address);
  if (!ownHost || !masterHost) return null;
  const ownPort = settings.announcePort || settings.listeningPort;
  ctx.state.announced.add(`${ownHost},${ownPort}`);
  const us = `${ownHost},${ownPort},${myId},${savedEpoch}`;
  return `${us},${master.name},${masterHost},${address.port},${master.configEpoch}`;
}

/** Results of `parseHello` by text: each hello arrives once per server and Sentinel, every 2 s. */
const parsed = new Map<string, HelloMessage>();
const MAX_PARSED = 10_000;
/** Longer ones are not remembered: anybody may send them. */
const MAX_PARSED_LENGTH = 512;

/** As `parseHello`, which always says the same of the same text. */
export function readHello(text: string): HelloMessage | null {
  if (text.length > MAX_PARSED_LENGTH) return parseHello(text);
  const known = parsed.get(text);
  if (known) return known;
  const message = parseHello(text);
  if (!message) return null;
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(text, message);
  return message;
}

/**
 * Reads a hello. Null for anything but eight well-formed fields: an epoch that no Sentinel could
 * have reached or an id that could not stand in the file would outlive its sender.
 */
export function parseHello(text: string): HelloMessage | null {
  const fields = text.split(",");
  if (fields.length !== 8) return null;
  const [host = "", port = "", runId = "", epoch = "", masterName = "", masterHost = ""] = fields;
  const [masterPort = "", configEpoch = ""] = fields.slice(6);
  const message = {
    host,
    port: parsePort(port),
    runId,
    currentEpoch: parseEpoch(epoch),
    masterName,
    masterHost,
    masterPort: parsePort(masterPort),
    configEpoch: parseEpoch(configEpoch),
  };
  if (!isRunId(runId) || !isHostText(host) || !isHostText(masterHost)) return null;
  return isComplete(message) ? message : null;
}

type Unchecked = { [K in keyof HelloMessage]: HelloMessage[K] | null };

function isComplete(message: Unchecked): message is HelloMessage {
  return Object.values(message).every((field) => field !== null);
}

function parsePort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return isPort(port) ? port : null;
}

/** A decimal epoch that a reply can carry, else null. */
export function parseEpoch(text: string): Epoch | null {
  if (!/^\d{1,19}$/.test(text)) return null;
  const epoch = BigInt(text);
  return epoch <= MAX_EPOCH ? epoch : null;
}

/** Printable without spaces, 40 long: what every implementation generates. */
function isRunId(text: string): boolean {
  return /^[!-~]{40}$/.test(text);
}

function isHostText(text: string): boolean {
  return /^[!-~]{1,255}$/.test(text);
}
