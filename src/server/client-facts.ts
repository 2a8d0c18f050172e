/** The two ends of a connection as CLIENT LIST shows them. */
export interface Peer {
  readonly addr: string;
  readonly laddr: string;
  readonly isUnix: boolean;
  readonly fd: number;
}

/** What CLIENT TRACKING was asked for; nothing here ever changes a key. */
export interface Tracking {
  readonly mode: "default" | "optin" | "optout";
  readonly broadcast: boolean;
  readonly noloop: boolean;
  readonly redirect: number;
  readonly prefixes: readonly string[];
  caching: "yes" | "no" | null;
}
