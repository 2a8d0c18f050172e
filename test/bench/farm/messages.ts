/** What the benchmark tells the farm process over its IPC channel. */
export type FarmOrder =
  | {
      readonly type: "start";
      readonly groups: number;
      readonly port: number;
      /** INFO of a real server, whose changing parts the farm writes itself. */
      readonly info: string;
    }
  | { readonly type: FarmAction; readonly addresses: readonly string[] };

/**
 * `kill` ends connections and listeners as kill -9 of a server does, `hang` leaves them and answers
 * nothing as SIGSTOP does; `revive` and `resume` undo them.
 */
export type FarmAction = "kill" | "revive" | "hang" | "resume";

/** The answer to every order. */
export type FarmAnswer = { readonly type: "done" } | { readonly type: "failed"; why: string };

/** Each group is a master and one replica on loopback addresses of their own, all on one port. */
export function masterHost(group: number): string {
  return `127.10.${hostPart(group)}`;
}

export function replicaHost(group: number): string {
  return `127.11.${hostPart(group)}`;
}

function hostPart(group: number): string {
  return `${Math.floor(group / 250)}.${1 + (group % 250)}`;
}
