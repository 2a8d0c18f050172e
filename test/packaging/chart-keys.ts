import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { filesOf, root } from "../support/repository.ts";

// Which keys the charts of others know. They are recorded, since no chart can be had in every place:
//
//   node dist/test/packaging/chart-keys.js VERSION VALUES.yaml >test/packaging/chart-keys/NAME.json
//
// With the YAML of a custom resource's definition, without its lines of a template, it is the keys of such a resource.

export interface ChartKeys {
  readonly version: string;
  /** With dots; one that ends with `.*` has whatever its user wants below it. */
  readonly keys: readonly string[];
}

/** No value of ours lies deeper. */
const MAX_DEPTH = 4;

export function recordedKeys(): ReadonlyMap<string, ChartKeys> {
  return new Map(
    filesOf(["test/packaging/chart-keys"], ".json").map((file) => [
      basename(file, ".json"),
      JSON.parse(readFileSync(join(root, file), "utf8")),
    ]),
  );
}

/** The keys that values set and their chart does not know. */
export function unknownKeys(values: unknown, { keys }: ChartKeys): readonly string[] {
  const known = new Set(keys);
  const isKnown = (path: string): boolean => known.has(path) || isBelowFree(known, path);
  return keysOf(values).filter((path) => !isKnown(path.replace(/\.\*$/, "")));
}

function isBelowFree(known: ReadonlySet<string>, path: string): boolean {
  const words = path.split(".");
  return words.some((_, at) => known.has(`${words.slice(0, at + 1).join(".")}.*`));
}

/** What is empty by default takes anything. */
function keysOf(values: unknown, prefix = "", depth = 1): readonly string[] {
  if (!isMapping(values)) return [];
  return Object.entries(values).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    const isFree = isMapping(value) && Object.keys(value).length === 0;
    if (isFree || Array.isArray(value) || value === null) return [path, `${path}.*`];
    return depth < MAX_DEPTH ? [path, ...keysOf(value, `${path}.`, depth + 1)] : [path];
  });
}

/** Those of the properties of a schema. */
function keysOfSchema(schema: unknown, prefix = "", depth = 1): readonly string[] {
  const properties = isMapping(schema) ? schema.properties : undefined;
  if (!isMapping(properties)) return prefix === "" ? [] : [`${prefix}*`];
  return Object.entries(properties).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    const isLeaf = depth >= MAX_DEPTH || !isMapping(value) || value.type !== "object";
    return isLeaf ? [path] : [path, ...keysOfSchema(value, `${path}.`, depth + 1)];
  });
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record([version = "", file = ""]: readonly string[]): void {
  const document: unknown = parse(readFileSync(file, "utf8"));
  const keys = definedSchema(document) ?? keysOf(document);
  process.stdout.write(`${JSON.stringify({ version, keys }, null, 1)}\n`);
}

function definedSchema(document: unknown): readonly string[] | undefined {
  if (!isMapping(document) || document.kind !== "CustomResourceDefinition") return undefined;
  const { spec } = document as {
    spec: { versions: readonly { schema: { openAPIV3Schema: unknown } }[] };
  };
  return keysOfSchema(spec.versions[0]?.schema.openAPIV3Schema);
}

if (process.argv[1] === import.meta.filename) record(process.argv.slice(2));
