import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wireBytes } from "../../../src/adapters/kafka/log-message.ts";
import { deadLetterWire, requestWire, resultWire } from "../../../src/adapters/kafka/record-wire.ts";
import { readDeadLetter } from "../../../src/domain/records/dead-letter-record.ts";
import { readRequest } from "../../../src/domain/records/request-record.ts";
import { readResult } from "../../../src/domain/records/result-record.ts";
import {
  bytesOf,
  noticeLetters,
  poisonLetters,
  requests,
  results,
} from "../../domain/records/arbitraries.ts";
import { golden } from "../../domain/records/golden.ts";

const topicOf = (channel: string): string => `millrace.request.${channel}`;
const sample = () => {
  const { details, ...hint } = Result.getOrThrow(readRequest(bytesOf(golden("request-v2"))));
  if (details === null) throw new Error("version 2 has details");
  return { ...hint, details };
};

describe("a request on the wire", () => {
  it("goes to the topic of its channel, by its bill, with what readers filter by in its headers", () => {
    const wire = requestWire(sample(), topicOf);
    expect([wire.topic, wire.key]).toEqual(["millrace.request.email", "bill-0000001"]);
    expect(wire.headers).toEqual({
      schema: "millrace.request",
      version: "2",
      "event-id": "202611/202611-bill-0000001-monthly/3",
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    });
    expect(requestWire({ ...sample(), traceparent: null }, topicOf).headers).not.toHaveProperty(
      "traceparent",
    );
  });

  it("goes by its member where that is configured", () => {
    expect(requestWire(sample(), topicOf, "member").key).toBe("member-0000001");
  });
});

describe("a record on the wire", () => {
  it("reads as it was written, and weighs no less than it has bytes", () => {
    fc.assert(
      fc.property(requests, results, fc.oneof(noticeLetters, poisonLetters), (request, result, letter) => {
        const wires = [
          requestWire(request, topicOf),
          resultWire(result, "r"),
          deadLetterWire(letter, "d"),
        ] as const;
        expect(Result.getOrThrow(readRequest(wires[0].value))).toEqual(request);
        expect(Result.getOrThrow(readResult(wires[1].value))).toEqual(result);
        expect(Result.getOrThrow(readDeadLetter(wires[2].value))).toEqual(letter);
        for (const wire of wires) {
          expect(wireBytes(wire)).toBeGreaterThan(wire.value.length + wire.key.length);
          expect(Object.keys(wire.headers)).toEqual(
            expect.arrayContaining(["schema", "version", "event-id"]),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("of a dead letter goes by its notice, or by the place of what could not be read", () => {
    const letter = (name: string) => Result.getOrThrow(readDeadLetter(bytesOf(golden(name))));
    expect(deadLetterWire(letter("dead-letter-v1"), "d").key).toBe("202611-bill-0000002-monthly");
    expect(deadLetterWire(letter("poison-v1"), "d").key).toBe("millrace.request.email/3/1042");
  });
});
