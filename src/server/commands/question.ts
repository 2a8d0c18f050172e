import type { ServerHost } from "../host.ts";
import type { Outcome } from "../request.ts";
import type { Session } from "../session.ts";

/** How the core is asked; `args` are as it knows them, whatever `rename-command` calls the command. */
export type Question = (host: ServerHost, client: Session, args: readonly string[]) => Outcome;

export const ask: Question = (host, client, args) => {
  host.execute(client.id, args);
  return "later";
};

/** An operator changes something: the journal tells who it was. */
export const askByName: Question = (host, client, args) => {
  host.execute(client.id, args, { address: client.peer.addr, user: client.user.name });
  return "later";
};

/** What Sentinels say to each other, many in a row: the next one need not wait for the answer. */
export const askAside: Question = (host, client, args) =>
  client.askAside((id) => host.execute(id, args));

/** Half of all requests; mostly no step of the core is needed. */
export const askAddress: Question = (host, client, args) =>
  host.masterAddress(args[2] ?? "") ?? ask(host, client, args);
