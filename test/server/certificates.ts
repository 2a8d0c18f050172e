import { execFileSync } from "node:child_process";
import { createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

const NULS = "@@@";
const CERTIFICATE_END = "-----END CERTIFICATE-----";
/** Of a key of 2048 bits; it is the last of a certificate. */
const SIGNATURE_BYTES = 256;

/** Authorities and certificates of a test, made by openssl in a folder of their own. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), "rst-ca-"));
  readonly certFile = join(this.folder, "ca.crt");
  readonly #keyFile = join(this.folder, "ca.key");

  constructor(name: string) {
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", this.#keyFile];
    this.#openssl("req", "-x509", ...key, "-out", this.certFile, "-subj", `/CN=${name}`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** `alternatives`: `DNS:a,URI:urn:b`. In both texts `@@@` stands for as many NULs. */
  certificate(commonName: string, alternatives = "DNS:localhost", days = 30): Certificate {
    const path = mkdtempSync(join(this.folder, "c-"));
    const [certFile, keyFile] = [join(path, "crt"), join(path, "key")];
    const [request, extensions] = [join(path, "csr"), join(path, "ext")];
    const subject = ["-subj", commonName === "" ? "/O=nobody" : `/CN=${commonName}`];
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", keyFile];
    this.#openssl("req", "-new", ...key, "-out", request, ...subject);
    writeFileSync(extensions, `subjectAltName=${alternatives}\n`);
    const by = ["-CA", this.certFile, "-CAkey", this.#keyFile, "-CAcreateserial"];
    const more = ["-extfile", extensions, "-days", `${days}`, "-sha256"];
    this.#openssl("x509", "-req", "-in", request, ...by, ...more, "-out", certFile);
    if (`${commonName}${alternatives}`.includes(NULS)) this.#withNuls(certFile);
    return { certFile, keyFile };
  }

  /** openssl writes none into a name: it is put there and the certificate is signed again. */
  #withNuls(certFile: string): void {
    const [base64 = ""] = readFileSync(certFile, "latin1")
      .split("\n")
      .slice(1)
      .join("")
      .split(CERTIFICATE_END);
    const der = Buffer.from(base64, "base64");
    // Its sequence, then that of what is signed, each with a length of two bytes.
    const signed = der.subarray(4, 8 + der.readUInt16BE(6));
    for (let at = signed.indexOf(NULS); at >= 0; at = signed.indexOf(NULS)) {
      signed.fill(0, at, at + NULS.length);
    }
    const key = createPrivateKey(readFileSync(this.#keyFile));
    sign("sha256", signed, key).copy(der, der.length - SIGNATURE_BYTES);
    const pem = der.toString("base64").replaceAll(/.{64}/g, "$&\n");
    writeFileSync(certFile, `-----BEGIN CERTIFICATE-----\n${pem}\n${CERTIFICATE_END}\n`);
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: this.folder, stdio: "ignore" });
  }
}
