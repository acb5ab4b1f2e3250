import { describe, expect, it } from "vitest";
import { Entry } from "../../../src/streams/runtime/entry.ts";

describe("the entry of a flow", () => {
  it("gives each item to everybody who has subscribed, and completes them", () => {
    const entry = new Entry<number>();
    const came: string[] = [];
    const listen = (name: string) =>
      entry.items.subscribe({
        next: (item) => came.push(`${name} ${item}`),
        complete: () => came.push(`${name} completes`),
      });
    listen("one");
    entry.next(1);
    const other = listen("other");
    entry.next(2);
    other.unsubscribe();
    entry.next(3);
    entry.complete();
    entry.complete();
    entry.next(4);
    expect(came).toEqual(["one 1", "one 2", "other 2", "one 3", "one completes"]);
  });

  it("completes at once whoever subscribes after its end", () => {
    const entry = new Entry<number>();
    entry.complete();
    const came: string[] = [];
    entry.items.subscribe({ complete: () => came.push("completes") });
    expect(came).toEqual(["completes"]);
  });

  it("lets subscribers come and go while an item is on its way", () => {
    const entry = new Entry<number>();
    const came: string[] = [];
    const first = entry.items.subscribe((item) => {
      came.push(`first ${item}`);
      first.unsubscribe();
      entry.items.subscribe((later) => came.push(`late ${later}`));
    });
    entry.items.subscribe((item) => came.push(`second ${item}`));
    entry.next(1);
    entry.next(2);
    expect(came).toEqual(["first 1", "second 1", "second 2", "late 2"]);
  });
});
