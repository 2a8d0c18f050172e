import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEnd, NO_HANDSHAKE } from "../../src/runtime/links/link-trouble.ts";

const plain = { usesTls: false, wasUp: true, wasHeard: true, certificateFault: null };
const tls = { ...plain, usesTls: true };
const shaking = { ...tls, wasUp: false, wasHeard: false };

function openssl(reason: string): Error {
  return Object.assign(new Error("a line"), { library: "SSL routines", reason });
}

function system(code: string): Error {
  return Object.assign(new Error(code), { code });
}

for (const [what, error, progress, expected] of [
  ["ended", null, plain, /^Server closed the connection$/],
  ["reset", system("ECONNRESET"), plain, /^Connection reset by peer$/],
  ["refused", system("ECONNREFUSED"), { ...plain, wasUp: false }, /^Connection refused$/],
  ["unheard", system("ECONNRESET"), { ...plain, wasHeard: false }, /may be for TLS.*reset by peer/],
  ["refused, TLS", system("ECONNREFUSED"), shaking, /^Connection refused$/],
  ["ended in the handshake", null, shaking, /^TLS: it ended the handshake .* may speak plain/],
  ["reset in it", system("ECONNRESET"), shaking, /^TLS: it ended the handshake .* may speak plain/],
  ["silent in it", new Error(NO_HANDSHAKE), shaking, /^TLS: no answer .* may speak plain/],
  ["reset later", system("ECONNRESET"), tls, /^Connection reset by peer$/],
  ["plain", openssl("wrong version number"), shaking, /^TLS: wrong version.* may speak plain/],
  [
    "alert",
    openssl("tlsv1 alert unknown ca"),
    shaking,
    /^TLS alert of the other side: unknown ca$/,
  ],
  ["alert of 1.3", openssl("tlsv13 alert certificate required"), tls, /: certificate required$/],
  ["alert of old", openssl("sslv3 alert bad certificate"), shaking, /: bad certificate$/],
  ["alert of 3.5", openssl("ssl/tls alert certificate expired"), tls, /side: certificate expired$/],
  ["no cipher", openssl("sslv3 alert handshake failure"), shaking, /: handshake failure$/],
  ["wrong name", openssl("tlsv1 unrecognized name"), shaking, /: unrecognized name$/],
  ["our own fault", openssl("no protocols available"), shaking, /^TLS: no protocols available$/],
] as const) {
  test(`the end of a link: ${what}`, () => {
    assert.match(describeEnd(error, progress), expected);
  });
}

test("what Node advises its programmers is left out of a certificate's fault", () => {
  const advice = "if the root CA is installed locally, try running Node.js with --use-system-ca";
  const error = new Error(`self-signed certificate; ${advice}`);
  const said = describeEnd(error, { ...shaking, certificateFault: "SELF_SIGNED_CERT" });
  assert.equal(said, "TLS: its certificate is not valid here: self-signed certificate");
});

test("a certificate that we do not take is named as such", () => {
  const error = new Error("certificate has expired");
  const said = describeEnd(error, { ...shaking, certificateFault: "CERT_HAS_EXPIRED" });
  assert.equal(said, "TLS: its certificate is not valid here: certificate has expired");
});
