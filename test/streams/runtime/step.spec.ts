import { Result } from "effect";
import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { Permanent, Undecodable } from "../../../src/failure.ts";
import type { Diversion, Rail } from "../../../src/streams/runtime/rail.ts";
import { step } from "../../../src/streams/runtime/step.ts";
import { LoneHost } from "../../support/lone-host.ts";

const bench = (work: (body: string) => number) => {
  const host = new LoneHost();
  const entry = new Subject<Rail<string, Diversion<"before", string>>>();
  const out: Rail<number, Diversion>[] = [];
  entry.pipe(step({ name: "parse", work })).subscribe((rail) => out.push(rail));
  return { host, entry, out };
};

describe("a step", () => {
  it("gives what its work gives, at once, and lets diversions pass", () => {
    const { host, entry, out } = bench(Number);
    entry.next(host.item("42"));
    entry.next(
      Result.fail({
        stage: "before",
        failure: new Permanent({ message: "no" }),
        envelope: host.envelope("raw"),
      }),
    );
    expect(out).toMatchObject([{ success: { body: 42 } }, { failure: { stage: "before" } }]);
    expect(host.inStages).toBe(0);
    expect(host.work.running).toBe(0);
  });

  it("diverts an item by the failure that its work throws, and by a bug for all else", () => {
    const { host, entry, out } = bench((body) => {
      if (body === "bug") throw new TypeError("x is not a function");
      throw new Undecodable({ message: "not a number" });
    });
    entry.next(host.item("forty-two"));
    entry.next(host.item("bug"));
    expect(out).toMatchObject([
      { failure: { stage: "parse", failure: { _tag: "Undecodable" }, envelope: { body: "forty-two" } } },
      { failure: { stage: "parse", failure: { _tag: "Bug", mayHaveHappened: false } } },
    ]);
    expect(host.bugs).toMatchObject([{ stage: "parse" }]);
  });

  it("hands a bug's item back once the breaker is open, and names the stage of a dropped one", () => {
    const { host, entry, out } = bench(() => {
      throw new TypeError("x is not a function");
    });
    host.isBreakerOpen = true;
    const item = host.item("1");
    entry.next(item);
    expect(out).toEqual([]);
    expect(host.handedBack).toMatchObject([{ record: "0@0" }]);
    expect(Result.isSuccess(item) && item.success.ticket.stage).toBe("parse");
  });
});
