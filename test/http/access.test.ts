import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { digestOf, type Keys, refusalOf } from "../../src/http/access.ts";

const TOKEN = "0123456789abcdef";
const OPEN: Keys = { names: [], tokens: [] };
const LOCKED: Keys = {
  names: ["one.example"],
  tokens: [digestOf(TOKEN), digestOf("another-token-16")],
};

function from(address: string, headers: Record<string, string>, to = address): IncomingMessage {
  const socket = { remoteAddress: address, localAddress: to };
  return { socket, headers } as unknown as IncomingMessage;
}

function status(address: string, first: string, keys: Keys, headers = {}): number {
  const request = from(address, { host: "10.0.0.1:9355", ...headers });
  return refusalOf(request, first, false, keys)?.status ?? 200;
}

test("from beyond this machine only probes and metrics are open", () => {
  const open = ["livez", "readyz", "quorumz", "metrics", "is-master", "is-replica"];
  for (const first of open) assert.equal(status("10.0.0.9", first, OPEN), 200, first);
  for (const first of ["status", "events", "history", "explain", "", "livez/"]) {
    assert.equal(status("10.0.0.9", first, OPEN), 403, first);
    assert.equal(status("::ffff:10.0.0.9", first, LOCKED), 401, first);
    for (const own of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      assert.equal(status(own, first, LOCKED), 200, first);
    }
  }
});

test("a token lets in, and each of several does", () => {
  const withToken = (authorization: string) =>
    status("10.0.0.9", "status", LOCKED, { authorization });
  for (const right of [`Bearer ${TOKEN}`, `bearer  ${TOKEN} `, "Bearer another-token-16"]) {
    assert.equal(withToken(right), 200, right);
  }
  const wrong = [
    "",
    "Bearer",
    "Bearer ",
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}0`,
    `Bearer ${TOKEN} x`,
  ];
  for (const one of [...wrong, TOKEN, `Bearer ${TOKEN.slice(1)}`]) {
    assert.equal(withToken(one), 401, one);
  }
  assert.equal(status("10.0.0.9", "status", OPEN, { authorization: `Bearer ${TOKEN}` }), 403);
});

test("who comes through a proxy on this machine is not of this machine", () => {
  for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-proto"]) {
    assert.equal(status("127.0.0.1", "status", LOCKED, { [name]: "10.0.0.9" }), 401, name);
    assert.equal(status("127.0.0.1", "livez", LOCKED, { [name]: "10.0.0.9" }), 200, name);
  }
});

test("a sidecar that comes from a loopback address to that of the pod is not of this machine", () => {
  const request = from("127.0.0.6", { host: "10.0.0.1:9355" }, "10.0.0.1");
  assert.equal(refusalOf(request, "status", false, LOCKED)?.status, 401);
  assert.equal(refusalOf(request, "livez", false, LOCKED), null);
});

test("a page of a stranger cannot have a browser ask us by the stranger's name", () => {
  const by = (host: string, keys: Keys, headers = {}) =>
    status("127.0.0.1", "status", keys, { host, ...headers });
  const known = [
    "localhost",
    "LOCALHOST:1",
    "127.0.0.1:9355",
    "[::1]:9355",
    "[fe80::1]",
    "10.0.0.1",
  ];
  for (const host of known) assert.equal(by(host, OPEN), 200, host);
  assert.equal(by("One.Example:9355", LOCKED), 200);
  const strange = ["evil.example", "127.0.0.1.evil.example", "one.example.evil", "", "a b", "[x]"];
  for (const host of strange) {
    assert.equal(by(host, LOCKED), 403, host);
    assert.equal(by(host, LOCKED, { authorization: `Bearer ${TOKEN}` }), 200, host);
    assert.equal(by(host, { ...LOCKED, names: ["*"] }), 200, host);
  }
  // No browser leaves it out.
  assert.equal(refusalOf(from("127.0.0.1", {}), "status", false, LOCKED), null);
});
