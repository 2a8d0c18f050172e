import { createHash } from "node:crypto";
import { run } from "./run.ts";

/**
 * What is in it, as CycloneDX (JSON): npm's own list, without the two things that are new each time. The serial
 * number comes of the content, the time is that of the sources.
 *
 * @param stage A folder with package.json and npm-shrinkwrap.json.
 * @param seconds Since 1970.
 */
export function billOfMaterials(stage: string, seconds: number): string {
  const command = ["npm", "sbom", "--sbom-format=cyclonedx", "--omit=dev", "--package-lock-only"];
  const bill = JSON.parse(run(command, { cwd: stage }));
  bill.metadata.timestamp = new Date(seconds * 1000).toISOString();
  delete bill.serialNumber;
  const digest = createHash("sha256").update(JSON.stringify(bill)).digest("hex");
  bill.serialNumber = `urn:uuid:${uuidOf(digest)}`;
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** Version 8 of RFC 9562: bits of our own choice. */
function uuidOf(hex: string): string {
  const variant = (8 + (Number.parseInt(hex[16] ?? "0", 16) % 4)).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
