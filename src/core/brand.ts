declare const brand: unique symbol;

/** A value that the compiler takes for no other of the same shape; only a cast makes one. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
