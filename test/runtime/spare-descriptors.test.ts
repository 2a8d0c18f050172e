import assert from "node:assert/strict";
import { test } from "node:test";
import { affordableLinks } from "../../src/runtime/process/descriptors.ts";
import { SpareDescriptors } from "../../src/runtime/process/spare-descriptors.ts";

/** A system with so many free descriptors. */
function system(free: number) {
  const open = new Set<number>();
  const take = (): number => {
    if (open.size >= free) throw new Error("EMFILE");
    const fd = open.size === 0 ? 1 : Math.max(...open) + 1;
    open.add(fd);
    return fd;
  };
  const give = (fd: number): void => assert.ok(open.delete(fd), "closed twice");
  return { open, take, give };
}

test("where others have taken every descriptor, a save still has two, one after the other [D-DESCRIPTORS]", () => {
  const { open, take, give } = system(10);
  const spare = new SpareDescriptors(take, give);
  while (open.size < 10) take();
  for (let save = 0; save < 3; save++) {
    const text = spare.lend(() => {
      for (let file = 0; file < 3; file++) {
        const [first, second] = [take(), take()];
        give(first);
        give(second);
      }
      return "saved";
    });
    assert.equal(text, "saved");
    assert.throws(take, /EMFILE/);
  }
  spare.close();
  assert.equal(open.size, 8);
});

test("what somebody took meanwhile is taken again later; a failed save costs none", () => {
  const { open, take, give } = system(3);
  const spare = new SpareDescriptors(take, give);
  const mine = take();
  assert.throws(
    () =>
      spare.lend(() => {
        take();
        throw new Error("No space left on device");
      }),
    /No space/,
  );
  assert.equal(open.size, 3);
  give(mine);
  spare.lend(() => undefined);
  assert.equal(open.size, 3);
  assert.throws(take, /EMFILE/);
});

test("links may take half of what is free", () => {
  assert.equal(affordableLinks(null), Number.POSITIVE_INFINITY);
  assert.equal(affordableLinks({ limit: 300, inUse: 20 }), 124);
  assert.equal(affordableLinks({ limit: 30, inUse: 20 }), 0);
});
