import type { Session } from "../../session.ts";

export type ClientType = "normal" | "pubsub" | "replica" | "master";

/** As the TYPE filter of CLIENT LIST and CLIENT KILL spells it. */
export function parseClientType(word: string): ClientType | null {
  switch (word.toLowerCase()) {
    case "normal":
      return "normal";
    case "pubsub":
      return "pubsub";
    case "replica":
    case "slave":
      return "replica";
    case "master":
      return "master";
    default:
      return null;
  }
}

/** Nobody replicates from a Sentinel, nor it from anybody. */
export function matchesType(client: Session, type: ClientType): boolean {
  if (type === "pubsub") return client.subscriptionCount > 0;
  return type === "normal" && client.subscriptionCount === 0;
}
