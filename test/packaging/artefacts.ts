import { join } from "node:path";
import { manifestOf } from "../../packaging/source.ts";
import { root } from "../support/repository.ts";

// What `npm run package` made, for the tests that use it.

const { name, version } = manifestOf(root);
export const VERSION = version;
export const OUT = join(root, "out");
/** Folders and files of it. */
export const BUNDLE = join(OUT, `${name}-${version}`);
export const IMAGE = join(OUT, "image");
export const TARBALL = join(OUT, `${name}-${version}.tgz`);
export const DEB = join(OUT, `${name}_${version}_all.deb`);
export const SBOM = join(OUT, `${name}-${version}.cdx.json`);
