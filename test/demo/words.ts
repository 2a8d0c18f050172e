import type { SentinelEvent } from "../support/event-log.ts";

/** Short names of servers and Sentinels: by `ip port` and by id. */
export interface Names {
  readonly redisByPort: ReadonlyMap<string, string>;
  readonly sentinelById: ReadonlyMap<string, string>;
  readonly sentinelByPort: ReadonlyMap<string, string>;
}

/** What an event means, in the words of somebody who watches. `$` is the instance it is about. */
const meanings: Readonly<Record<string, string>> = {
  "+sdown": "$ does not answer me",
  "-sdown": "$ answers me again",
  "+odown": "enough of us agree: $ is down",
  "-odown": "$ counts as up again",
  "+try-failover": "I stand for election",
  "+elected-leader": "the majority elected me",
  "+failover-state-select-slave": "I look for the best replica",
  "+selected-slave": "$ is the best replica",
  "+failover-state-send-slaveof-noone": "I tell $ to become master",
  "+failover-state-wait-promotion": "I wait for $ to say that it is",
  "+promoted-slave": "$ is a master now",
  "+failover-state-reconf-slaves": "I point the other replicas at it",
  "+slave-reconf-sent": "$ has been told to follow the new master",
  "+slave-reconf-inprog": "$ is connecting to the new master",
  "+slave-reconf-done": "$ follows the new master",
  "+failover-end": "the failover is complete",
  "+slave": "$ is a replica of the master",
  "+sentinel": "$ watches the master too",
  "+reboot": "$ has been restarted",
  "+convert-to-slave": "$ came back as a master: I tell it to follow",
  "+fix-slave-config": "$ follows the wrong master: I tell it which",
};

/** Said of both sides of an election, so worth a stronger colour. */
export const keyEvents: ReadonlySet<string> = new Set([
  "+odown",
  "+vote-for-leader",
  "+elected-leader",
  "+promoted-slave",
  "+switch-master",
  "+convert-to-slave",
]);

export function explain({ channel, payload }: SentinelEvent, names: Names): string {
  const words = payload.split(" ");
  switch (channel) {
    case "+new-epoch":
      return `epoch ${payload} begins`;
    case "+vote-for-leader":
      return `I vote for ${names.sentinelById.get(words[0] ?? "") ?? words[0]} in epoch ${words[1]}`;
    case "+switch-master":
      return `the master is ${redisName(words[4], names)}, no longer ${redisName(words[2], names)}`;
    case "+config-update-from":
      return `${subject(words, names)} told me of the new master`;
    case "+role-change":
    case "-role-change":
      return `${subject(words, names)} reports the role ${words.at(-1)}`;
    default: {
      const meaning = meanings[channel];
      return meaning === undefined ? payload : meaning.replace("$", subject(words, names));
    }
  }
}

/** `<kind> <name> <ip> <port> [@ ...]` as a short name. */
function subject(words: readonly string[], names: Names): string {
  const [kind, , , port = ""] = words;
  if (kind === "sentinel") return names.sentinelByPort.get(port) ?? port;
  return redisName(port, names);
}

function redisName(port: string | undefined, names: Names): string {
  return names.redisByPort.get(port ?? "") ?? `port ${port}`;
}
