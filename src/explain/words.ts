import type { PayloadForm } from "./payload.ts";

/** What the words of an event are made of. */
export interface Spoken {
  /** The instance that it is about. */
  readonly who: string;
  /** The name of its master. */
  readonly master: string;
  /** What stands behind the instance, or the whole payload if it names none. */
  readonly rest: readonly string[];
  server(host: string | undefined, port: string | undefined): string;
  sentinel(runId: string | undefined): string;
}

interface Words {
  readonly form: PayloadForm;
  say(event: Spoken): string;
}

type Say = (event: Spoken) => string;

/** Of events whose payload begins with an instance. */
const OF_INSTANCES: Readonly<Record<string, Say>> = {
  "+monitor": ({ who, rest }) => `this Sentinel watches ${who}, with a quorum of ${rest.at(-1)}`,
  "-monitor": ({ master }) => `this Sentinel no longer watches ${master}`,
  "+set": ({ master, rest }) => `${rest[0]} of ${master} is set to ${rest.slice(1).join(" ")}`,
  "+reset-master": ({ master }) =>
    `${master} is reset: this Sentinel forgets its replicas and Sentinels, and looks for them anew`,

  "+pause": ({ master, rest }) => pauseOf(master, reasonOf(rest)),
  "-pause": ({ master, rest }) => `the pause of ${master} ended: ${reasonOf(rest)}`,

  "-slave": ({ who }) => `this Sentinel forgets ${who}`,
  "-sentinel": ({ who }) => `this Sentinel forgets ${who}`,
  "+slave": ({ who }) => `${who} is known from now on`,
  "+sentinel": ({ who, master }) => `${who} watches ${master}, too`,
  "+reboot": ({ who }) => `${who} has been started anew`,
  "+role-change": ({ who, rest }) =>
    `${who} says that it is a ${roleOf(rest)} now, which is what this Sentinel knows it as`,
  "-role-change": ({ who, rest }) =>
    `${who} says that it is a ${roleOf(rest)} now, which is not what this Sentinel knows it as`,
  "+sentinel-address-switch": ({ sentinel, rest }) =>
    `${sentinel(rest[5])} is at ${rest[1]}:${rest[3]} from now on`,
  "+sentinel-address-update": ({ who, rest }) =>
    `${who} has moved; its address is changed for ${rest[0]} other masters`,
  "+sentinel-invalid-addr": ({ who }) => `another Sentinel has the address of ${who} now`,
  "-dup-sentinel": ({ master, rest }) =>
    `Sentinels of ${master} at ${rest[2]}, or with the id ${rest[4]}, were removed as duplicates`,

  "+sdown": ({ who }) => `${who} is down for this Sentinel: it gave no valid answer for too long`,
  "-sdown": ({ who }) => `${who} is up again for this Sentinel`,
  "+odown": ({ who, rest }) => {
    const [have, need] = rest.at(-1)?.split("/") ?? [];
    return `${who} is down for enough Sentinels: ${have}, needed ${need}`;
  },
  "-odown": ({ who }) => `${who} is no longer down for enough Sentinels`,

  "+try-failover": ({ master }) => `this Sentinel stands for election to fail over ${master}`,
  "+failover-detected": ({ master }) => `somebody else fails over ${master}`,
  "+elected-leader": ({ master }) => `a majority elected this Sentinel to fail over ${master}`,
  "+failover-state-select-slave": ({ master }) =>
    `this Sentinel looks for the best replica of ${master}`,
  "+selected-slave": ({ who }) => `${who} is to be the new master`,
  "+failover-state-send-slaveof-noone": ({ who }) =>
    `this Sentinel tells ${who} to become a master`,
  "+failover-state-wait-promotion": ({ who }) =>
    `this Sentinel waits until ${who} says that it is a master`,
  "+promoted-slave": ({ who }) => `${who} is a master now`,
  "+failover-state-reconf-slaves": ({ master }) =>
    `this Sentinel tells the other replicas of ${master} to follow the new master`,
  "+slave-reconf-sent": ({ who }) => `${who} is told to follow the new master`,
  "+slave-reconf-inprog": ({ who }) => `${who} connects to the new master`,
  "+slave-reconf-done": ({ who }) => `${who} follows the new master`,
  "+slave-reconf-sent-be": ({ who }) =>
    `${who} is told to follow the new master, and the failover ends without waiting for it`,
  "-slave-reconf-sent-timeout": ({ who }) =>
    `${who} was told to follow the new master, and does not show it: the others are told now`,
  "+failover-end-for-timeout": ({ master }) =>
    `the failover of ${master} ends, although not every replica follows the new master yet`,
  "+failover-end": ({ master }) => `the failover of ${master} is done`,
  "-failover-abort-not-elected": ({ master }) =>
    `this Sentinel was not elected to fail over ${master}, and gives up this attempt`,
  "-failover-abort-no-good-slave": ({ master }) =>
    `the failover of ${master} is given up: no replica can be promoted, or the master is back`,
  "-failover-abort-slave-timeout": ({ master }) =>
    `the failover of ${master} is given up: the replica did not become a master in time`,
  "-failover-abort-master-timeout": ({ master }) =>
    `the planned switch of ${master} is given up: the master did not hand over in time`,

  "+config-update-from": ({ who, master }) => `${who} says that ${master} has a new master`,
  "+guard-lag": ({ who, rest }) => `${who} is promoted, for no other lacks less: ${reasonOf(rest)}`,
  "+shutdown-announced": ({ who, rest }) =>
    `${who} shuts down ${reasonOf(rest)}, and waits until then for its replicas to have all`,
  "+guard-reborn": ({ who, rest }) =>
    `${who} came back with less data than a replica holds: ${reasonOf(rest)}`,
  "+guard-lineage": ({ who, rest }) =>
    `${who} seems to hold the data of another group: ${reasonOf(rest)}`,
  "+convert-to-slave": ({ who }) =>
    `${who} came back as a master: this Sentinel makes it a replica`,
  "+fix-slave-config": ({ who }) =>
    `${who} follows another server: this Sentinel tells it whom to follow`,
  "+try-settle": ({ master }) =>
    `the Sentinels name two masters of ${master}: this one stands for election to settle it`,
  "+config-settled": ({ who, rest }) => `${who} is the one that counts, in config epoch ${rest[0]}`,
  "+reset-epoch": ({ master, rest }) => `the epochs of ${master} are taken back, to ${rest[0]}`,

  "-cmd-link-reconnection": ({ who, rest }) =>
    `the connection to ${who} was lost: ${reasonOf(rest)}`,
  "-pubsub-link-reconnection": ({ who, rest }) =>
    `the connection on which ${who} passes hellos on was lost: ${reasonOf(rest)}`,
};

/** Of events whose payload is words of its own. */
const OF_WORDS: Readonly<Record<string, Say>> = {
  "+new-epoch": ({ rest }) => `epoch ${rest[0]} begins`,
  "+vote-for-leader": ({ sentinel, rest }) =>
    `this Sentinel votes for ${sentinel(rest[0])} in epoch ${rest[1]}`,
  // The name of a master may hold blanks.
  "+switch-master": ({ server, rest }) => {
    const [oldHost, oldPort, host, port] = rest.slice(-4);
    const name = rest.slice(0, -4).join(" ");
    return `the master of ${name} is ${server(host, port)}, and no longer ${server(oldHost, oldPort)}`;
  },
  "+tilt": () =>
    "this Sentinel stood still or its clock jumped: for a while it watches and does nothing",
  "-tilt": () => "this Sentinel acts again",
  "+tls-error": ({ rest }) =>
    `${filesOf(rest[0])} cannot be used as they are now: ${reasonOf(rest.slice(1))}`,
  "-tls-error": ({ rest }) => `${filesOf(rest[0])} can be used again`,
  "+script-child": ({ rest }) => `a script has been started, as process ${rest[0]}`,
  "-script-child": ({ rest }) =>
    `the script of process ${rest[0]} ended ${endOf(rest[2], rest[1])}`,
  "-script-error": ({ rest }) => {
    const [signal, status] = rest.slice(-2);
    return `the script ${rest.slice(0, -2).join(" ")} failed: it ended ${endOf(signal, status)}`;
  },
  "-script-timeout": ({ rest }) =>
    `the script ${rest.slice(0, -1).join(" ")} takes too long and is killed, process ${rest.at(-1)}`,
};

/** Whose files `+tls-error` tells of. */
const TLS_USERS: Readonly<Record<string, string>> = {
  listener: "the listener",
  links: "the connections to servers and Sentinels",
  http: "HTTP",
};

function filesOf(user = ""): string {
  return `the TLS files of ${TLS_USERS[user] ?? user}`;
}

/** By the name of the event. */
export const WORDS: ReadonlyMap<string, Words> = new Map([
  ...rowsOf("instance", OF_INSTANCES),
  ...rowsOf("words", OF_WORDS),
]);

function rowsOf(form: PayloadForm, words: Readonly<Record<string, Say>>): [string, Words][] {
  return Object.entries(words).map(([name, say]) => [name, { form, say }]);
}

/** `new reported role is slave`. */
function roleOf(rest: readonly string[]): string {
  return rest.at(-1) === "slave" ? "replica" : "master";
}

/** `600 s: new kernel`, and behind it which replica, if not the whole group. */
function pauseOf(master: string, terms: string): string {
  const [, time, replica] = /^(.*) for replica (\S+)$/s.exec(terms) ?? [];
  return replica === undefined
    ? `this Sentinel does not fail over ${master} for ${terms}`
    : `this Sentinel neither promotes replica ${replica} of ${master}, nor tells it whom to follow, for ${time}`;
}

/** `#Connection refused`. */
function reasonOf(rest: readonly string[]): string {
  return rest.join(" ").replace(/^#/, "");
}

function endOf(signal: string | undefined, status: string | undefined): string {
  return signal === "0" ? `with status ${status}` : `by signal ${signal}`;
}
