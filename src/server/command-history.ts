/** What changed in a command and in which Redis; the words are ours. */
export const HISTORY: Readonly<
  Record<string, readonly (readonly [since: string, what: string])[]>
> = {
  "acl|getuser": [
    ["6.2.0", "Shows the channel patterns."],
    ["7.0.0", "Shows selectors, and keys and channels as text of their rules."],
  ],
  "acl|log": [["7.2.0", "Shows entry-id, timestamp-created and timestamp-last-updated."]],
  "acl|setuser": [
    ["6.2.0", "Takes channel patterns."],
    ["7.0.0", "Takes selectors and key permissions."],
  ],
  auth: [["6.0.0", "Takes a user name before the password."]],
  "client|kill": [
    ["2.8.12", "Takes filters in place of an address."],
    ["2.8.12", "Takes ID."],
    ["3.2.0", "Knows the type master."],
    ["5.0.0", "Calls the type slave replica; the older name still works."],
    ["6.2.0", "Takes LADDR."],
    ["7.4.0", "Takes MAXAGE."],
  ],
  "client|list": [
    ["2.8.12", "Shows id."],
    ["5.0.0", "Takes TYPE."],
    ["6.0.0", "Shows user."],
    ["6.2.0", "Shows argv-mem, tot-mem, laddr and redir, and takes ID."],
    ["7.0.0", "Shows resp, multi-mem, rbs and rbp."],
    ["7.0.3", "Shows ssub."],
  ],
  "client|pause": [["6.2.0", "Takes a mode, WRITE among them."]],
  "command|info": [["7.0.0", "Describes every command when none is named."]],
  hello: [["6.2.0", "Needs no version; without one it shows the connection as it is."]],
  info: [["7.0.0", "Takes several sections."]],
  "sentinel|config": [["7.2.0", "Shows and changes several parameters in one call."]],
  shutdown: [["7.0.0", "Takes NOW, FORCE and ABORT."]],
};
