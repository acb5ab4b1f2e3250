import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { contactRule } from "../../src/domain/contact-rules.ts";
import { channelId } from "../../src/domain/ids.ts";
import { conceal, reveal } from "../../src/domain/masking-sensitive.ts";

const read = (channel: string, written: string) =>
  Result.map(contactRule(channelId(channel))(conceal(written)), (contact) => ({
    clear: reveal(contact),
    shown: String(contact),
  }));

describe("contactRule", () => {
  it("takes any text as the contact of a channel that somebody has added, and shows none of it", () => {
    expect(read("push", "token-1")).toEqual(Result.succeed({ clear: "token-1", shown: "***" }));
  });

  it("refuses an empty one", () => {
    expect(Result.isFailure(read("push", "  "))).toBe(true);
  });

  it("reads a telephone number for SMS into the form that providers take", () => {
    expect(read("sms", "010-1234-5678")).toEqual(
      Result.succeed({ clear: "+821012345678", shown: "010-****-5678" }),
    );
  });

  it("refuses what is no contact of its channel, in words that do not show it", () => {
    for (const [channel, written] of [
      ["email", "010-1234-5678"],
      ["sms", "kim@example.com"],
    ] as const) {
      const refused = read(channel, written);
      expect(Result.isFailure(refused) && !refused.failure.includes(written)).toBe(true);
    }
  });
});
