/**
 * Whether two values of one type are the same data: primitives, or arrays and objects of such
 * without optional fields.
 */
export function sameData<T>(a: T, b: T): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  return isObject(a) && isObject(b) && sameFields(a, b);
}

// A thousand masters are compared at each save: loops without an array or a function of their own.

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!sameData(a[at], b[at])) return false;
  return true;
}

function sameFields(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) {
  for (const key in a) if (!sameData(a[key], b[key])) return false;
  return true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
