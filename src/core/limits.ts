/*
 * What others can make this process do has an end [D-LIMITS]; all of these ends stand here, and
 * docs/security.md says what each is for. None lies where a real client, server or Sentinel comes
 * near it.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

// What a client may ask [D-REQUEST-SIZE].

/** Words of one request. The longest real ones are ACL SETUSER and SUBSCRIBE, with some dozens. */
export const MAX_REQUEST_WORDS = 4096;
/** One word of a request, and one inline request, as in the reference. A hello has 200 bytes. */
export const MAX_WORD_BYTES = 64 * KIB;
/** One request; also what of an unfinished one is kept. */
export const MAX_REQUEST_BYTES = MIB;
/** The same for who has not authenticated: enough for AUTH and HELLO, as in the reference. */
export const MAX_STRANGER_WORDS = 10;
export const MAX_STRANGER_WORD_BYTES = 16 * KIB;
/** A name of a client, of its library, of an ACL user; CLIENT LIST shows them all in one text. */
export const MAX_NAME_BYTES = 512;
/**
 * A name that SENTINEL MONITOR gives; the file may have longer ones. The reference cuts a hello, which says the
 * name, and an event at a kilobyte, so Sentinels of a master with a longer name never find each other.
 */
export const MAX_MASTER_NAME_BYTES = 512;
/** What ACL LOG keeps of each text; the refused word may be anything. */
export const MAX_ACL_LOG_TEXT_BYTES = 256;
/** Users that ACL SETUSER makes, and rules that one user keeps; files may have more. */
export const MAX_ACL_USERS = 4096;
export const MAX_ACL_RULES = 4096;
/** Masters that SENTINEL MONITOR makes; the file may have more. */
export const MAX_MASTERS = 10_000;
/** Names in one COMMAND INFO: an entry has kilobytes, and a small request many names. */
export const MAX_COMMAND_NAMES = 256;

// How much of the process clients get.

/** Of one turn of the event loop; what is left over has its turn after the watching had its own. */
export const CLIENT_TURN_MS = 10;
/** What one client may subscribe to and track, by the weights of `client-memory.ts`. */
export const MAX_SUBSCRIPTION_BYTES = 256 * KIB;
/** Of the heap that V8 may use, for what all clients together have unread, unsent, subscribed to. */
export const CLIENTS_SHARE_OF_HEAP = 1 / 8;
export const MAX_CLIENTS_BYTES = 256 * MIB;

// What a server or a Sentinel may answer [D-ANSWER-SIZE].

/** INFO; a real one has some kilobytes, and 100 bytes for each replica. */
export const MAX_INFO_BYTES = MIB;
/** Any other answer and any message: PING, PUBLISH, votes, hellos. */
export const MAX_ANSWER_BYTES = 64 * KIB;
/** Its values, those within arrays included: EXEC has six, a vote four. */
export const MAX_ANSWER_VALUES = 128;
/** A run id, wherever one is said. */
export const RUN_ID_LENGTH = 40;

// What is kept of what they say.

/** Replicas that INFO can add to one master, and to all of them; the file may have more. */
export const MAX_REPLICAS = 1_000;
export const MAX_REPLICAS_IN_ALL = 10_000;
/** Replicas that one INFO adds: each is connected to, told and saved. The rest come by the next, asked for at once. */
export const MAX_NEW_REPLICAS = 50;
/** A line of INFO about a replica; a real one has a hundred bytes. */
export const MAX_REPLICA_LINE_BYTES = 1024;
/** What SENTINEL INFO-CACHE can show of one server, of many, and of all together. */
export const INFO_CACHE_BYTES = { most: 64 * KIB, least: 4 * KIB, inAll: 64 * MIB } as const;
/**
 * Sentinels of one master that we keep a connection to, and the connections of one master where
 * descriptors are few; those known longest come first.
 */
export const MAX_SENTINEL_LINKS = 64;
export const MIN_LINKS_OF_MASTER = 16;
/** Inputs that are remembered for the log, should an invariant break; each has a limit of its own. */
export const LAST_INPUTS = 32;
