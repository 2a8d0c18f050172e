/**
 * Users that may do what is needed, and no more. Those of Sentinels at servers are of docs/security.md, which a test
 * compares.
 */
export const ACL_LINES: readonly string[] = [
  "# At each Sentinel, for status, check, watch, explain and history:",
  "user console on >SECRET resetchannels &* -@all +auth +ping +info +psubscribe +subscribe +sentinel|myid +sentinel|masters +sentinel|master +sentinel|replicas +sentinel|sentinels +sentinel|ckquorum +sentinel|info-cache +sentinel|get-master-addr-by-name",
  "# At a Sentinel of ours also: +sentinel|pauses +sentinel|explain +sentinel|journal",
  "",
  "# At each server, for the Sentinels (auth-user, auth-pass):",
  "user sentinel on >SECRET resetchannels &__sentinel__:hello -@all +ping +info +multi +exec +slaveof +config|rewrite +client|setname +client|kill +script|kill +subscribe +publish",
  "",
  "# At each server, for check --servers-auth-file:",
  "user check on >SECRET resetkeys resetchannels -@all +auth +ping +info +time +config|get +command|info +acl|dryrun +acl|getuser",
  "",
  "# At each server, for switchover and handover with C Sentinels:",
  "user switch on >SECRET resetkeys resetchannels -@all +auth +info +config|get +config|set +config|rewrite +client|pause +client|unpause +client|kill +multi +exec +slaveof",
];
