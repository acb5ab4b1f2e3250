import { describe, expect, it } from "vitest";
import { noticeId } from "../../src/domain/ids.ts";
import { maskPhone } from "../../src/domain/masking.ts";
import { logText } from "../../src/domain/masking-loggable.ts";

// What may not be said is the compiler's to refuse: see test/types/masking.types.ts.
describe("logText", () => {
  it("puts a sentence together from words in the source and parts that may be logged", () => {
    const to = maskPhone("01012345678");
    expect(logText`sending ${noticeId("n-1")} to ${to}, attempt ${2} of ${3}`).toBe(
      "sending n-1 to 010-****-5678, attempt 2 of 3",
    );
    expect(logText`nothing to add`).toBe("nothing to add");
    expect(logText`${null}`).toBe("null");
  });
});
