/** Where somebody listens; the host as it was told, a byte string. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, an IPv6 host in brackets. */
export function nameOf({ host, port }: Place): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export function isSame(a: Place, b: Place): boolean {
  return a.port === b.port && a.host === b.host;
}
