import assert from "node:assert/strict";
import { test } from "node:test";
import { Resolver } from "../../src/runtime/resolver.ts";
import { Mailbox } from "./support.ts";

type Answer = readonly [host: string, ip: string | null];

test("the first address is the answer", async () => {
  const answers = new Mailbox<Answer>();
  const lookup = async () => [{ address: "10.0.0.2" }, { address: "::1" }];
  new Resolver((...answer) => answers.put(answer), lookup).resolve("db");
  assert.deepEqual(await answers.take(), ["db", "10.0.0.2"]);
});

test("a name without address is null", async () => {
  const answers = new Mailbox<Answer>();
  const lookup = async () => {
    throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  };
  const resolver = new Resolver((...answer) => answers.put(answer), lookup);
  resolver.resolve("nowhere");
  assert.deepEqual(await answers.take(), ["nowhere", null]);
});

test("a look-up that hangs is given up, and asked no second time while it hangs", async () => {
  const answers = new Mailbox<Answer>();
  const pending: ((addresses: { address: string }[]) => void)[] = [];
  const lookup = () =>
    new Promise<{ address: string }[]>((resolve) => {
      pending.push(resolve);
    });
  const resolver = new Resolver((...answer) => answers.put(answer), lookup, 20);
  for (let i = 0; i < 3; i++) {
    resolver.resolve("slow");
    assert.deepEqual(await answers.take(), ["slow", null]);
  }
  resolver.resolve("slow");
  assert.equal(pending.length, 1);
  pending[0]?.([{ address: "10.0.0.1" }]);
  assert.deepEqual(await answers.take(), ["slow", "10.0.0.1"]);
  resolver.resolve("slow");
  assert.equal(pending.length, 2);
  assert.deepEqual(await answers.take(), ["slow", null]);
  pending[1]?.([{ address: "10.0.0.2" }]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(answers.values, []);
});

test("questions for a name in flight share one look-up and one answer", async () => {
  const answers = new Mailbox<Answer>();
  let asked = 0;
  const lookup = async () => {
    asked++;
    return [{ address: "10.0.0.1" }];
  };
  const resolver = new Resolver((...answer) => answers.put(answer), lookup);
  for (const host of ["a", "a", "b", "a"]) resolver.resolve(host);
  await answers.take(([host]) => host === "a");
  await answers.take(([host]) => host === "b");
  assert.equal(asked, 2);
  assert.deepEqual(answers.values, []);
});

test("the system's resolver knows localhost", async () => {
  const answers = new Mailbox<Answer>();
  new Resolver((...answer) => answers.put(answer)).resolve("localhost");
  const [, ip] = await answers.take();
  assert.match(String(ip), /^(127\.0\.0\.1|::1)$/);
});
