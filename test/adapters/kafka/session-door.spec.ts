import { expect, it } from "vitest";
import { SessionDoor } from "../../../src/adapters/kafka/session-door.ts";
import { Transient } from "../../../src/failure.ts";

const failure = (message: string): Transient => new Transient({ message });

it("whoever waits is told each time that there may be something, until they have heard enough", () => {
  const door = new SessionDoor();
  let heard = 0;
  const forget = door.whenFed(() => (heard += 1));
  door.feed();
  door.feed();
  forget();
  door.feed();
  expect(heard).toBe(2);
});

it("a door that was opened stays so, and its first failure stays", async () => {
  const door = new SessionDoor();
  let heard = 0;
  door.whenFed(() => (heard += 1));
  door.open();
  door.fail(failure("first"));
  door.fail(failure("second"));
  expect(await door.opened).toBeNull();
  expect([door.failure?.message, heard]).toEqual(["first", 2]);
});

it("a failure before it was opened is what it is opened with", async () => {
  const door = new SessionDoor();
  door.fail(failure("first"));
  door.open();
  expect(await door.opened).toBe(door.failure);
});
