import { describe, expect, it } from "vitest";
import { knownError } from "../../../../src/adapters/kafka/error-table.ts";
import { NamedError, namedError, thrownError } from "../../../../src/adapters/kafka/rdkafka/vendor-errors.ts";

describe("an error of librdkafka", () => {
  it("is known by its number, under the name that the error table has for it", () => {
    expect(knownError(namedError({ code: 10, message: "whatever" }))).toMatchObject({
      ...{ code: "kafka:MESSAGE_TOO_LARGE", concerns: "record", passes: false, undone: true },
    });
    expect(knownError(namedError({ code: -187, message: "" }))).toMatchObject({
      ...{ code: "kafka:_ALL_BROKERS_DOWN", concerns: "way", passes: true },
    });
    expect(knownError(namedError({ code: 25, message: "" })).concerns).toBe("moved-on");
  });

  it("is known by its text where an event tells of it, which has no number", () => {
    const told = (message: string) => knownError(namedError({ code: -1, message })).code;
    expect(told("message size too large")).toBe("kafka:MESSAGE_TOO_LARGE");
    expect(told("Unknown partition")).toBe("kafka:UNKNOWN_TOPIC_OR_PARTITION");
    expect(told("message timed out")).toBe("kafka:_MSG_TIMED_OUT");
    expect(told("Unknown topic id")).toBe("kafka:UNKNOWN_TOPIC_OR_PARTITION");
    expect(told("Not leader for partition")).toBe("kafka:NOT_LEADER_FOR_PARTITION");
  });

  it("that nobody knows is trouble on the way, with an outcome that nobody knows", () => {
    for (const unknown of [
      { code: 9_999, message: "" },
      { code: -1, message: "something new" },
      { code: -1, message: "constructor" },
    ]) {
      expect(knownError(namedError(unknown))).toMatchObject({ concerns: "way", passes: true, undone: false });
    }
  });

  it("keeps its text to itself: it may show what was sent", () => {
    expect(String(namedError({ code: 87, message: "the record of a@b.example" }))).not.toContain(
      "a@b.example",
    );
  });

  it("is made of whatever was thrown", () => {
    const own = new NamedError("_STATE");
    expect(thrownError(own)).toBe(own);
    expect(thrownError(Object.assign(new Error("x"), { code: -184 })).type).toBe("_QUEUE_FULL");
    expect(thrownError(new TypeError("x")).type).toBe("RDKAFKA_UNKNOWN");
  });
});
