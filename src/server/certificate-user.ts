import type { PeerCertificate, TLSSocket } from "node:tls";
import { bytesOf } from "../base/bytes.ts";
import type { TlsConfig } from "../config/server-config.ts";
import { logDeniedCertificate } from "./acl-denials.ts";
import type { ServerContext } from "./context.ts";
import type { Session } from "./session.ts";

/**
 * `tls-auth-clients-user` (Valkey 9, Redis 8.6): whoever shows a verified certificate is the enabled
 * user of the name in it, without a password. Without such a user he is a stranger as any other, and
 * the refusal is counted. Names are compared whole: one with a NUL is nobody's, for no user's has one.
 */
export function recognize(ctx: ServerContext, client: Session, socket: TLSSocket): void {
  const field = ctx.config.tls.authClientsUser;
  if (field === "off" || !socket.authorized) return;
  const names = namesIn(socket.getPeerCertificate(), field);
  const user = names.map((name) => ctx.acl.find(name)).find((found) => found?.enabled);
  if (user !== undefined) {
    client.user = user;
    client.authenticated = true;
    ctx.host.log("verbose", `${client.peer.addr} is user '${user.name}' by its certificate`);
    return;
  }
  const last = names.at(-1);
  if (last !== undefined) logDeniedCertificate(ctx, client, last);
}

/** Byte strings: the first common name, or all URIs among the alternative names, in their order. */
export function namesIn(
  certificate: PeerCertificate,
  field: Exclude<TlsConfig["authClientsUser"], "off">,
): string[] {
  // Without a certificate both are absent, whatever their types say.
  const { subject, subjectaltname } = certificate as Partial<PeerCertificate>;
  if (field === "URI") return urisIn(subjectaltname ?? "");
  const names: string | readonly string[] | undefined = subject?.CN;
  const name = typeof names === "string" ? names : names?.[0];
  return name === undefined ? [] : [bytesOf(name)];
}

/** `DNS:a, URI:urn:b, URI:"x, y"`: whatever could be taken for a border stands in quotes, as in JSON. */
const ALTERNATIVE_NAME = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;

function urisIn(text: string): string[] {
  const uris: string[] = [];
  ALTERNATIVE_NAME.lastIndex = 0;
  while (ALTERNATIVE_NAME.lastIndex < text.length) {
    const match = ALTERNATIVE_NAME.exec(text);
    // Not as we know it: then it names nobody.
    if (match === null) return [];
    const [, kind, value = ""] = match;
    if (kind === "URI") uris.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
  }
  return uris;
}
