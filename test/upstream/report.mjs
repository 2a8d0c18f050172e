/** Reads the suite's output line by line and knows at the end which test file passed. */
export class SuiteReport {
  #units;
  #results;
  #current = null;
  #startedAtMs = 0;
  failed = false;

  constructor(units) {
    this.#units = units;
    this.#results = new Map(units.map((unit) => [unit, []]));
  }

  startRun() {
    for (const results of this.#results.values()) {
      results.push({ passed: 0, complaints: [], ms: null });
    }
    this.#current = null;
  }

  readLine(line) {
    const unit = /Testing unit: (\S+)/.exec(line)?.[1];
    if (unit !== undefined) this.#enter(unit);
    else if (this.#current === null) return;
    else if (isComplaint(line)) this.#current.complaints.push(line);
    else if (/^\d\d:\d\d:\d\d> .*: (.* )?OK$/.test(line)) this.#current.passed += 1;
    else if (line.startsWith("Cleaning up")) this.#leave();
  }

  /** A file that the suite did not reach has failed too. */
  endRun(exitCode) {
    this.#leave();
    const last = [...this.#results.values()].map((results) => results.at(-1));
    if (exitCode !== 0 || last.some((result) => !isGood(result))) this.failed = true;
  }

  summary() {
    const rows = this.#units.map((unit) => this.#row(unit));
    const results = [...this.#results.values()].flat();
    const bad = results.filter((result) => !isGood(result)).length;
    // The suite may also complain outside of its files, for example about a crash report.
    const failed = bad === 0 && this.failed ? 1 : bad;
    return ["", ...rows, "", `${results.length - bad} passed, ${failed} failed`].join("\n");
  }

  #enter(unit) {
    this.#leave();
    this.#current = this.#results.get(unit)?.at(-1) ?? null;
    this.#startedAtMs = performance.now();
  }

  #leave() {
    if (this.#current !== null) this.#current.ms = performance.now() - this.#startedAtMs;
    this.#current = null;
  }

  #row(unit) {
    const runs = this.#results.get(unit).map(describe);
    return `${unit.padEnd(26)} ${runs.join("   ")}`;
  }
}

function isComplaint(line) {
  return /FAILED|WARNING: Aborting|^ERROR:|REDIS BUG REPORT/.test(line);
}

function isGood(result) {
  return result.ms !== null && result.complaints.length === 0;
}

function describe(result) {
  if (result.ms === null) return "not run";
  const verdict = isGood(result) ? "ok    " : "FAILED";
  return `${verdict} ${String(result.passed).padStart(2)} tests ${(result.ms / 1000).toFixed(1)} s`;
}
