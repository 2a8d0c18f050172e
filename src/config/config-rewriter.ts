import { trimLine } from "../base/tokenize.ts";
import { nextStart } from "./comebacks.ts";
import { asWritten } from "./included.ts";
import { type MasterLines, newPart } from "./master-lines.ts";
import { type RewriteInput, type Rewritten, rewriteFile, sameGeneric } from "./rewrite.ts";
import { GLOBAL_OPTIONS, MASTER_OPTIONS } from "./sentinel-directives.ts";
import { type VerifyError, verifyRewritten } from "./verify.ts";

/** So many wrong lines may be set aside in one go; an honest file has one at a time. */
const MAX_SET_ASIDE = 100;

type Renewed =
  | {
      readonly ok: true;
      readonly text: string;
      /** Sentences for the log, without their end, about what included files will undo. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly error: VerifyError };

type RenewedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: VerifyError };

/**
 * Makes the new text of one file, again and again, and never one that would not load to the state
 * it was made of. While the file is what we wrote last, only what changed in the state is written
 * and verified anew; the text is the same as if everything had been.
 */
export class ConfigRewriter {
  readonly #path: string;
  /** What was made last, and verified. */
  #last: Rewritten | null = null;
  /** Its lines that are not of `sentinel` directives. */
  #lastGeneric = "";

  /** The path is for messages. */
  constructor(path: string) {
    this.#path = path;
  }

  renew(input: RewriteInput): Renewed {
    const { included } = input.generic;
    if (included.sentinel.length === 0) {
      const renewed = this.#renew(input);
      return renewed.ok ? { ...renewed, warnings: [] } : renewed;
    }
    const { lines, warnings } = nextStart(included.sentinel, input.sentinel);
    const sentinel = asWritten(lines, input.writtenAddresses ?? new Map());
    const generic = { ...input.generic, included: { ...included, sentinel } };
    const renewed = this.#renew({ ...input, generic });
    return renewed.ok ? { ...renewed, warnings } : renewed;
  }

  #renew(input: RewriteInput): RenewedText {
    const before = this.#last;
    this.#last = null;
    const isPlain = input.generic.included.sentinel.length === 0;
    if (before === null || before.text !== input.oldText || !isPlain) return this.#renewAll(input);
    const now = rewriteFile(input, before);
    const isSame = sameGeneric(before.input, input);
    const generic = isSame ? this.#lastGeneric : genericText(now);
    const changed = generic === this.#lastGeneric ? "" : generic;
    if (!isVerified(now, before, changed, { path: this.#path, ...input })) {
      return this.#renewAll(input);
    }
    this.#keep(now, generic);
    return { ok: true, text: now.text };
  }

  #keep(verified: Rewritten, generic: string): void {
    this.#last = verified;
    this.#lastGeneric = generic;
  }

  /**
   * A line that would stop the next start and that somebody wrote into the file while we run
   * becomes a comment, as the lines that nobody knows: it must not keep epochs and votes from
   * being saved.
   */
  #renewAll(input: RewriteInput): RenewedText {
    const { sentinel: expected, generic } = input;
    let { oldText } = input;
    for (let setAside = 0; ; setAside++) {
      const now = rewriteFile({ ...input, oldText }, null);
      const { text } = now;
      const error = verifyRewritten({ path: this.#path, text, expected, generic });
      if (error === null) {
        this.#keep(now, genericText(now));
        return { ok: true, text };
      }
      const shorter = commentOut(oldText, this.#path, error);
      if (shorter === null || setAside >= MAX_SET_ASIDE) return { ok: false, error };
      oldText = shorter;
    }
  }
}

function genericText({ lines }: Rewritten): string {
  const isGeneric = (option: string) => !GLOBAL_OPTIONS.has(option) && !MASTER_OPTIONS.has(option);
  return lines.ofOptions(isGeneric).join("\n");
}

/**
 * Whether the new file loads to the state, given that the one before did. Lines of masters that
 * stood in it are not read again: a line of a master acts on this master alone, save that its
 * config epoch raises the current one, and is acted on by nothing else but the style. So a file
 * loads to the union of what its parts load to, with the greatest of their epochs, if
 * - every line is in a part: those of masters are counted, the other `sentinel` lines are read, and
 *   so are the rest if any of them changed: no `sentinel` line acts on them;
 * - no two masters have one name, which the count would show, and no two Sentinels of one one id.
 */
function isVerified(
  now: Rewritten,
  before: Rewritten,
  changedGeneric: string,
  { path, generic, sentinel }: RewriteInput & { readonly path: string },
): boolean {
  const masters = [...now.masters.values()];
  const count = masters.reduce((sum, { lines }) => sum + lines.length, 0);
  if (now.lines.count(MASTER_OPTIONS) !== count) return false;

  const changed = masters.filter((each) => each !== before.masters.get(each.master.name));
  if (changed.some(hasRepeatedId)) return false;
  const parts = changed.map((each) => newPart(each, before.masters.get(each.master.name) ?? null));
  const texts = parts.flatMap(({ lines }) => lines.map((line) => line.text));
  const globals = now.lines.ofOptions((option) => GLOBAL_OPTIONS.has(option));
  const text = [changedGeneric, ...globals, ...texts].join("\n");
  const expected = { ...sentinel, masters: parts.map(({ master }) => master) };
  return verifyRewritten({ path, text, expected, generic }) === null;
}

function hasRepeatedId({ master }: MasterLines): boolean {
  return new Set(master.sentinels.map(({ runId }) => runId)).size < master.sentinels.length;
}

/** Null: the culprit is no line of the old text. */
function commentOut(oldText: string, path: string, { cause }: VerifyError): string | null {
  if (cause === null || cause.file !== path || cause.text === "") return null;
  const lines = oldText.split("\n");
  if (!lines.some((line) => trimLine(line) === cause.text)) return null;
  const commented = `# ??? ${cause.text}`;
  return lines.map((line) => (trimLine(line) === cause.text ? commented : line)).join("\n");
}
