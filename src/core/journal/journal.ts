import type { FailoverResult, Incident, ServerPlace } from "../../base/journal-entry.ts";
import type { Context } from "../context.ts";
import type { Instance, Master, Millis, PeerSentinel } from "../state.ts";
import { Attempts } from "./attempts.ts";
import { clipped } from "./facts.ts";
import { followed } from "./followed.ts";
import { noteOf } from "./notes.ts";
import { OpenFailover } from "./open-failover.ts";
import type { Heard, NoteOf, Recorder } from "./recorder.ts";

/**
 * One entry for each failover and incident [JOURNAL-FILE], made of the events as they are said. Nothing is looked at
 * between two of them, so a Sentinel at rest pays nothing.
 */
export class Journal implements Recorder {
  readonly #open = new Map<Master, OpenFailover>();
  readonly #attempts = new Attempts();
  /** Whose configuration is taken over in this step. */
  readonly #followed = new Map<Master, PeerSentinel>();
  /** When what lasts began, by its kind and master. */
  readonly #began = new Map<string, Millis>();
  #incidents: Incident[] = [];

  /** A mistake in here is told as any other, and costs an entry only. */
  hear(ctx: Context, event: Heard): void {
    try {
      if (event.about?.kind === "master") this.#hearOfMaster(ctx, event.about, event);
      else if (event.about) this.#hearOfOther(ctx, event.about, event);
      const note = noteOf(ctx, event);
      if (note) this.note(ctx, note);
    } catch (error) {
      ctx.effects.push({ type: "fault", where: "the journal", error });
    }
  }

  #hearOfMaster(ctx: Context, master: Master, { name, rest }: Heard): void {
    const abort = /^-failover-abort-(.+)$/.exec(name)?.[1];
    if (abort !== undefined) return this.#aborted(ctx, master, abort as FailoverResult);
    switch (name) {
      case "+try-failover":
      case "+try-settle":
        if (master.failover) this.#open.set(master, new OpenFailover(ctx, master, master.failover));
        return;
      case "+elected-leader":
        return this.#open.get(master)?.elected(ctx);
      case "+failover-end":
        return this.#open.get(master)?.replicasDone(ctx);
      case "+config-settled":
        return this.#finish(ctx, master, "done");
      case "+switch-master":
        return this.#switched(ctx, master, placeIn(rest));
      case "+reset-master":
      case "-monitor":
        return this.#endedByHand(ctx, master, name);
    }
  }

  #hearOfOther(ctx: Context, about: Exclude<Instance, Master>, { name }: Heard): void {
    const { master } = about;
    if (about.kind === "sentinel") {
      if (name === "+config-update-from") this.#followed.set(master, about);
      return;
    }
    const open = this.#open.get(master);
    if (name === "+selected-slave") open?.selected(ctx, about);
    else if (name === "+promoted-slave") open?.promoted(ctx, about);
    else if (name === "-slave-reconf-sent-timeout") open?.gaveUp(about);
  }

  #aborted(ctx: Context, master: Master, result: FailoverResult): void {
    if (result === "no-good-slave") this.#open.get(master)?.foundNobody(ctx);
    this.#finish(ctx, master, result);
  }

  /** The old master is known still, and the failover that has led here, if it was ours. */
  #switched(ctx: Context, master: Master, to: ServerPlace): void {
    const open = this.#open.get(master);
    const peer = this.#followed.get(master) ?? null;
    const step = open?.failover.step;
    if (open && peer === null && (step === "update_config" || step === "reconf_slaves")) {
      open.switched(ctx);
      if (step === "reconf_slaves") open.ending("it ended before all replicas followed");
      return this.#finish(ctx, master, "done");
    }
    if (open) this.#finish(ctx, master, "overtaken", heardOf(master));
    this.#incidents.push(followed(ctx, master, to, peer));
  }

  #endedByHand(ctx: Context, master: Master, name: string): void {
    const why = name === "-monitor" ? "its master is not watched any more" : "its master was reset";
    this.#finish(ctx, master, "ended", why);
    this.#attempts.forget(master);
  }

  #finish(ctx: Context, master: Master, result: FailoverResult, why: string | null = null): void {
    const open = this.#open.get(master);
    if (!open) return;
    this.#open.delete(master);
    if (why !== null) open.ending(why);
    const attempt = this.#attempts.next(master, open.failover);
    const record = open.record(ctx, result, attempt);
    if (this.#attempts.isWorthTelling(master, record)) this.#incidents.push(record);
  }

  ending(master: Master, why: string, result: FailoverResult | null = null): void {
    this.#open.get(master)?.ending(why, result);
  }

  /** What lasts begins once: a Sentinel that stands still again and again is in one TILT. */
  note(ctx: Context, { by, ...note }: NoteOf): void {
    const key = `${note.kind} ${note.name ?? ""}`;
    const beganAt = this.#began.get(key);
    const lasts = note.kind === "tilt" || note.kind === "save";
    if (lasts && (note.result === "began") === (beganAt !== undefined)) return;
    if (note.result === "began") this.#began.set(key, ctx.now);
    if (note.result === "ended") this.#began.delete(key);
    const isOver = note.result === "ended" && beganAt !== undefined;
    const lastedMs = isOver ? ctx.now - beganAt : null;
    const text = clipped(note.text);
    this.#incidents.push({ type: "note", ...note, text, lastedMs, by: by ?? ctx.by ?? null });
  }

  endStep(ctx: Context): void {
    if (this.#open.size > 0) this.#closeSilentOnes(ctx);
    if (this.#followed.size > 0) this.#followed.clear();
    if (this.#incidents.length === 0) return;
    const incidents = this.#incidents;
    this.#incidents = [];
    for (const incident of incidents) ctx.effects.push({ type: "journal", at: ctx.now, incident });
  }

  /** Some end without an event: a greater epoch was heard, or a disagreement is over. */
  #closeSilentOnes(ctx: Context): void {
    for (const [master, { failover }] of this.#open) {
      if (master.failover === failover) continue;
      if (failover.settles)
        this.#finish(ctx, master, "not-elected", "it was not settled this time");
      else this.#finish(ctx, master, "overtaken", heardOf(master));
    }
  }
}

function heardOf({ configEpoch }: Master): string {
  return `a configuration of epoch ${configEpoch} was heard meanwhile`;
}

/** The last two words of `+switch-master` are the new address. */
function placeIn(text: string): ServerPlace {
  const [host = "", port = ""] = text.split(" ").slice(-2);
  return { host, port: Number(port) };
}
