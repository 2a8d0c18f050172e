import type { Scene } from "../../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../../support/sentinel-node.ts";

/** A tool beside the clients, and what it finds out about one kind of Sentinels. */
export interface ToolCheck {
  readonly name: string;
  readonly title: string;
  readonly packages?: readonly string[];
  /** The same sentences for ours and for C Sentinels, or there is a difference. */
  facts(scene: Scene, kind: SentinelKind, programs: string): Promise<readonly string[]>;
}

/** Ports and ids differ from scene to scene. */
export function withoutPorts(text: string): string {
  return text
    .replace(/\b2\d{4}\b/g, "PORT")
    .replace(/\b[0-9a-f]{40}\b/g, "ID")
    .replaceAll(/(^|[^\d.])\$\d\b/g, "$1$N");
}

/** Under a name of others the wrong program would go unnoticed: it would pass for the right one. */
export function assertIs(kind: SentinelKind, { child }: SentinelNode): void {
  const isOurs = child.log.has(/redis-sentinel-ts is starting/);
  if (isOurs !== (kind === "ours")) throw new Error(`${child.name} is another program`);
}
