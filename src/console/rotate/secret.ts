import { createHash } from "node:crypto";

/** A password that is changed, and whose it is; byte strings. */
export interface Secret {
  /** Of the ACL. */
  readonly user: string;
  readonly old: string;
  readonly next: string;
}

/** As ACL SETUSER takes it behind `#` and `!`: no password is on the wire, or in a SLOWLOG, for that. */
export function hashOf(password: string): string {
  return createHash("sha256").update(Buffer.from(password, "latin1")).digest("hex");
}

/** What a server or a Sentinel knows of a user. */
export interface Account {
  readonly hasOld: boolean;
  readonly hasNext: boolean;
  /** Passwords beside these two. */
  readonly others: number;
}
