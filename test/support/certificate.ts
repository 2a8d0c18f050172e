import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One self-signed certificate of 127.0.0.1 that serves as authority too. */
interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** For a client that shows it and believes it. */
  readonly tls: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
  /** Lines for redis.conf and sentinel.conf. */
  readonly config: readonly string[];
}

export function makeCertificate(folder: string): Certificate {
  const [certificate, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  const args = ["req", "-x509", ...options, ...names, "-keyout", key, "-out", certificate];
  execFileSync("openssl", args, { stdio: "ignore" });
  const pem = readFileSync(certificate);
  const config = [
    `tls-cert-file ${certificate}`,
    `tls-key-file ${key}`,
    `tls-ca-cert-file ${certificate}`,
    "tls-replication yes",
  ];
  return { certificate, key, tls: { ca: pem, cert: pem, key: readFileSync(key) }, config };
}
