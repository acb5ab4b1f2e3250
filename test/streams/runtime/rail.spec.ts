import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { Permanent } from "../../../src/failure.ts";
import { Bug, divert, onRail, withBody } from "../../../src/streams/runtime/rail.ts";
import { LoneHost } from "../../support/lone-host.ts";

describe("the rail", () => {
  it("carries an envelope on, or a diversion that says at which stage it left, by what, and with what it left", () => {
    const envelope = new LoneHost().envelope("bill");
    expect(onRail(envelope)).toEqual(Result.succeed(envelope));
    const failure = new Permanent({ message: "no such mailbox" });
    expect(divert("send", failure, envelope)).toEqual(Result.fail({ stage: "send", failure, envelope }));
  });

  it("keeps all of an envelope but its body, the way back to the source above all", () => {
    const envelope = new LoneHost().envelope("bill", { key: "member-7", trace: "abc", attempt: 2 });
    expect(withBody(envelope, 42)).toEqual({ ...envelope, body: 42 });
    expect(withBody(envelope, 42).ticket).toBe(envelope.ticket);
  });
});

describe("a bug", () => {
  it("says what was thrown, and where", () => {
    const bug = new Bug(new TypeError("x is not a function"), true);
    expect(bug.message).toBe("x is not a function");
    expect(bug.stack).toContain("rail.spec.ts");
    expect(bug.mayHaveHappened).toBe(true);
  });

  it("is one whatever was thrown: a string, nothing, an object that cannot even be printed", () => {
    expect(new Bug("just a string", false)).toMatchObject({
      message: "just a string",
      stack: "just a string",
    });
    expect(new Bug(undefined, false).message).toBe("undefined");
    const unprintable = Object.create(null) as object; // it has no toString at all
    expect(typeof new Bug(unprintable, false).message).toBe("string");
    const hostile = {
      toString: () => {
        throw new Error("no");
      },
    };
    expect(typeof new Bug(hostile, false).message).toBe("string");
  });
});
