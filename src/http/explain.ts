import { type Answer, type HttpHost, JSON_TYPE } from "./host.ts";
import { UNKNOWN_MASTER } from "./probes.ts";
import { toJson } from "./shown.ts";
import { SCHEMA } from "./status.ts";

/** `/explain/NAME`: what SENTINEL EXPLAIN answers. Null: the Sentinel is still starting. */
export async function explain(host: HttpHost, name: string): Promise<Answer | null> {
  const asked = host.explain(name);
  if (asked === null) return null;
  const explanation = await asked;
  if (explanation === null) return UNKNOWN_MASTER;
  const body = `${toJson({ schema: SCHEMA, at: host.wallNow(), ...explanation })}\n`;
  return { status: 200, type: JSON_TYPE, body };
}
