import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bundled } from "./bundle.ts";
import { run } from "./run.ts";
import { manifestOf } from "./source.ts";
import { copyFolder, entriesOf, put, settle } from "./tree.ts";

const MAINTAINER = "redis-sentinel-ts contributors <redis-sentinel-ts@users.noreply.invalid>";

interface DebInput {
  readonly stage: string;
  readonly bundle: string;
  readonly bundled: readonly Bundled[];
  readonly work: string;
  readonly out: string;
  /** The time of all files, since 1970. */
  readonly seconds: number;
}

/**
 * The Debian package, for every architecture. It enables and starts nothing, has no file in common with Debian's
 * redis-sentinel, and no conffile: `sentinel.conf` is state, which a running Sentinel replaces.
 */
export function makeDeb({ stage, bundle, bundled, work, out, seconds }: DebInput): void {
  const { name, version, description } = manifestOf(stage);
  const tree = join(work, "deb");
  const share = join(stage, "dist", "share");
  const read = (file: string): string => readFileSync(file, "utf8");
  const program = `usr/lib/${name}`;
  copyFolder(join(bundle, "dist"), tree, `${program}/dist`);
  put(tree, `${program}/package.json`, read(join(bundle, "package.json")));
  for (const file of readdirSync(join(bundle, "bin"))) {
    const text = read(join(bundle, "bin", file));
    // As Debian's policy has it; nobody's own node in PATH runs the daemon.
    put(tree, `${program}/bin/${file}`, text.replace("/usr/bin/env node", "/usr/bin/node"), 0o755);
  }
  link(tree, `usr/bin/${name}`, `../lib/${name}/bin/${name}.js`);
  for (const file of readdirSync(join(stage, "conf")).filter((each) => each.endsWith(".service"))) {
    const text = read(join(stage, "conf", file));
    put(
      tree,
      `usr/lib/systemd/system/${file}`,
      text.replaceAll(`/usr/bin/env ${name}`, `/usr/bin/${name}`),
    );
  }
  put(tree, `usr/share/man/man1/${name}.1.gz`, gzip(read(join(share, "man", `${name}.1`))));
  const completion = join(share, "completion");
  put(tree, `usr/share/bash-completion/completions/${name}`, read(join(completion, "bash", name)));
  put(tree, `usr/share/zsh/vendor-completions/_${name}`, read(join(completion, "zsh", `_${name}`)));
  const fish = `${name}.fish`;
  put(tree, `usr/share/fish/vendor_completions.d/${fish}`, read(join(completion, "fish", fish)));
  const doc = `usr/share/doc/${name}`;
  put(tree, `${doc}/copyright`, copyrightOf(read(join(stage, "LICENSE")), bundled));
  put(tree, `${doc}/changelog.gz`, gzip(changelogOf(name, version, seconds)));
  put(tree, `${doc}/README.md`, read(join(stage, "README.md")));
  // Not below doc, which small systems leave out.
  put(tree, `usr/share/${name}/sentinel.conf`, read(join(stage, "conf", "sentinel.conf")));
  link(tree, `${doc}/examples/sentinel.conf`, `../../../${name}/sentinel.conf`);
  for (const each of [
    "prometheus-rules.yml",
    "grafana-dashboard.json",
    "haproxy.cfg",
    "redis-handover.conf",
  ]) {
    put(tree, `usr/share/${name}/${each}`, read(join(stage, "conf", each)));
  }
  copyFolder(join(stage, "conf", "practice"), tree, `${doc}/examples/practice`);
  copyFolder(join(stage, "docs"), tree, `${doc}/docs`);
  put(tree, `usr/share/lintian/overrides/${name}`, OVERRIDES);
  const hooks = join(stage, "packaging", "debian");
  for (const hook of ["postinst", "prerm", "postrm"]) {
    put(tree, `DEBIAN/${hook}`, read(join(hooks, hook)), 0o755);
  }
  put(tree, "DEBIAN/control", controlOf({ name, version, description, size: sizeOf(tree) }));
  settle(tree, seconds);
  const file = join(out, `${name}_${version}_all.deb`);
  const options = ["--root-owner-group", "--threads-max=1", "-Zxz", "-z9"];
  run(["dpkg-deb", ...options, "--build", tree, file], {
    env: { SOURCE_DATE_EPOCH: String(seconds) },
  });
}

/** Packages of Node that do not come from Debian do not say `Multi-Arch: allowed`, which `:any` would need. */
const OVERRIDES = "redis-sentinel-ts: missing-dep-for-interpreter /usr/bin/node *\n";

function link(tree: string, path: string, target: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  symlinkSync(target, join(tree, path));
}

function gzip(text: string): Buffer {
  const bytes = gzipSync(text, { level: 9 });
  // The system that compressed, as gzip -n says it.
  bytes[9] = 3;
  return bytes;
}

/** In KiB, as policy counts: each file and each folder rounded up. */
function sizeOf(tree: string): number {
  const sizes = entriesOf(tree).map((path) => {
    if (path.startsWith("DEBIAN")) return 0;
    try {
      return Math.ceil(readFileSync(join(tree, path)).length / 1024);
    } catch {
      // A folder.
      return 1;
    }
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface Control {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly size: number;
}

function controlOf({ name, version, size }: Control): string {
  return `Package: ${name}
Version: ${version}
Architecture: all
Maintainer: ${MAINTAINER}
Installed-Size: ${size}
Depends: nodejs (>= 20.19), adduser
Recommends: redis-tools | valkey-tools
Suggests: redis-server | valkey-server
Section: database
Priority: optional
Description: Redis Sentinel in TypeScript, beside or in place of redis-sentinel
 It watches Redis and Valkey servers, agrees with other Sentinels about which
 master is down, promotes a replica, and tells clients where the master is. It
 reads and keeps the sentinel.conf of Redis Sentinel, speaks its protocol, and
 votes in one quorum with Redis Sentinels.
 .
 Nothing is enabled or started. One Sentinel after the other is replaced by
 stopping redis-sentinel and starting redis-sentinel-ts, and the reverse.
`;
}

function changelogOf(name: string, version: string, seconds: number): string {
  const date = new Date(seconds * 1000).toUTCString().replace("GMT", "+0000");
  return `${name} (${version}) unstable; urgency=medium

  * What changed is in CHANGELOG.md of the sources.

 -- ${MAINTAINER}  ${date}
`;
}

/** Debian has the text of this licence, and wants it named, not repeated. */
const APACHE = "On Debian systems its text is in /usr/share/common-licenses/Apache-2.0.";

function copyrightOf(license: string, bundled: readonly Bundled[]): string {
  const parts = bundled.map(({ name, version, license: kind, notice }) => {
    const text = kind === "Apache-2.0" ? `Apache License, Version 2.0. ${APACHE}` : notice;
    return `${"-".repeat(78)}\n${name} ${version}, in /usr/lib/redis-sentinel-ts/dist:\n\n${text.replaceAll("\r", "")}\n`;
  });
  return [`redis-sentinel-ts:\n\n${license.trim()}\n`, ...parts].join("\n");
}
