/**
 * The lines of a Sentinel's file that must survive a restart and a change of the program, sorted,
 * since the two programs may order them differently.
 */
export function durableLines(configText: string): readonly string[] {
  return configText
    .split("\n")
    .map((line) => line.trim().replace("known-slave", "known-replica"))
    .filter((line) => /^(sentinel|user|requirepass|port|bind|dir) /.test(line))
    .filter((line) => !line.startsWith("user default on nopass"))
    .map((line) => (line.startsWith("user ") ? userLine(line) : unquote(line)))
    .sort();
}

/** One program quotes what the other writes bare. */
function unquote(line: string): string {
  return line.replace(/"([^"\s\\]*)"/g, "$1");
}

/** Redis 7.0 shuffles the rules at each rewrite, and adds sanitize-payload now and then. */
function userLine(line: string): string {
  const [user, name, ...rules] = line.split(" ");
  const kept = rules.filter((rule) => rule !== "sanitize-payload");
  return [user, name, ...kept.sort()].join(" ");
}
