/** What a Sentinel or a server answered, text as byte strings. */
export type Answer = string | number | null | readonly Answer[];

/** An answer, or why there is none: the words of the error. */
export type Told<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };
