/** The words of JSON Schema that our schemas use. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
}

/** Where a value is not what the schema says; none: it is. */
export function schemaMistakes(value: unknown, schema: Schema, at = "$"): string[] {
  const types = schema.type === undefined ? null : [schema.type].flat();
  if (types !== null && !types.some((type) => isA(value, type))) {
    return [`${at} is no ${types.join(" or ")}`];
  }
  const mistakes: string[] = [];
  if ("const" in schema && value !== schema.const) mistakes.push(`${at} is not ${schema.const}`);
  if (schema.enum && !schema.enum.includes(value)) mistakes.push(`${at} is none of ${schema.enum}`);
  if (schema.anyOf?.every((one) => schemaMistakes(value, one, at).length > 0)) {
    mistakes.push(`${at} is none of the alternatives`);
  }
  if (Array.isArray(value) && schema.items) {
    const { items } = schema;
    return [
      ...mistakes,
      ...value.flatMap((one, index) => schemaMistakes(one, items, `${at}[${index}]`)),
    ];
  }
  if (!isA(value, "object") || !schema.properties) return mistakes;
  return [...mistakes, ...ofObject(value as Record<string, unknown>, schema, at)];
}

function ofObject(value: Record<string, unknown>, schema: Schema, at: string): string[] {
  const { properties = {}, required = [] } = schema;
  const missing = required
    .filter((name) => !(name in value))
    .map((name) => `${at}.${name} is missing`);
  const unknown = Object.keys(value).filter((name) => !(name in properties));
  const strangers =
    schema.additionalProperties === false
      ? unknown.map((name) => `${at}.${name} is not known`)
      : [];
  const inner = Object.entries(properties).flatMap(([name, one]) =>
    name in value ? schemaMistakes(value[name], one, `${at}.${name}`) : [],
  );
  return [...missing, ...strangers, ...inner];
}

function isA(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
