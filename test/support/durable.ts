/**
 * The lines of a Sentinel's file that must survive a restart and a change of the program, sorted,
 * since the two programs may order them differently.
 */
export function durableLines(configText: string): readonly string[] {
  return configText
    .split("\n")
    .map((line) => line.trim().replace(/known-slave/, "known-replica"))
    .filter((line) => /^(sentinel|user|requirepass|port|bind|dir) /.test(line))
    .filter((line) => !line.startsWith("user default on nopass"))
    .map(unquote)
    .sort();
}

/** One program quotes what the other writes bare. */
function unquote(line: string): string {
  return line.replace(/"([^"\s\\]*)"/g, "$1");
}
