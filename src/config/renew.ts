import { type RewriteInput, rewriteConfig } from "./rewrite.ts";
import { trimLine } from "./tokenize.ts";
import { type VerifyError, verifyRewritten } from "./verify.ts";

/** So many wrong lines may be set aside in one go; an honest file has one at a time. */
const MAX_SET_ASIDE = 100;

export type Renewed =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: VerifyError };

/**
 * The new text of the file, verified. A line that would stop the next start and that somebody
 * wrote into the file while we run becomes a comment, as the lines that nobody knows: it must not
 * keep epochs and votes from being saved.
 */
export function renewConfig(path: string, input: RewriteInput): Renewed {
  let { oldText } = input;
  for (let setAside = 0; ; setAside++) {
    const text = rewriteConfig({ ...input, oldText });
    const error = verifyRewritten({ path, text, expected: input.sentinel, generic: input.generic });
    if (error === null) return { ok: true, text };
    const shorter = commentOut(oldText, path, error);
    if (shorter === null || setAside >= MAX_SET_ASIDE) return { ok: false, error };
    oldText = shorter;
  }
}

/** Null: the culprit is no line of the old text. */
function commentOut(oldText: string, path: string, { cause }: VerifyError): string | null {
  if (cause === null || cause.file !== path || cause.text === "") return null;
  const lines = oldText.split("\n");
  if (!lines.some((line) => trimLine(line) === cause.text)) return null;
  const commented = `# ??? ${cause.text}`;
  return lines.map((line) => (trimLine(line) === cause.text ? commented : line)).join("\n");
}
