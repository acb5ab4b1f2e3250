import { createHash, createSecretKey, randomBytes } from "node:crypto";
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentCipher } from "../../../src/adapters/crypto/index.ts";
import {
  type DeadMessage,
  payloadRoom,
  poisonLetter,
  poisonRecord,
} from "../../../src/adapters/kafka/poison.ts";
import { deadLetterWire } from "../../../src/adapters/kafka/record-wire.ts";
import { instant } from "../../../src/domain/ids.ts";
import { reveal } from "../../../src/domain/masking-sensitive.ts";
import type { UntoldPoison } from "../../../src/domain/ports/poison-letters.ts";
import { readDeadLetter, sealedAboutPoison } from "../../../src/domain/records/dead-letter-record.ts";

const key = createSecretKey(randomBytes(32));
const cipher = contentCipher({ ring: { present: "k1", keys: new Map([["k1", key]]), old: [] } });
const PLACE = { topic: "millrace.request.email", partition: 3, offset: "1042" };

const dead = (value: Uint8Array | null): DeadMessage => ({
  pipeline: "deliver-email",
  record: "3@1042",
  key: "bill-1",
  body: { ...PLACE, offset: 1042, key: null, value, headers: {}, timestampMs: 1 },
  attempts: 1,
  stage: "consume-requests",
  failure: "Undecodable",
  reason: "reading a millrace.request record: it is no JSON",
  stack: null,
  atMs: 1_763_690_652_000,
});
const opened = (sealed: string): Uint8Array =>
  Buffer.from(reveal(Result.getOrThrow(cipher.open(sealed, sealedAboutPoison(PLACE)))), "base64");

const RECORD_BYTES = 1_000_000;

/** As the ledger hands it over, which has kept it. */
const entry = (value: Uint8Array | null): UntoldPoison => {
  const { payload, ...kept } = poisonRecord(cipher, dead(value));
  const fits = payload.length <= payloadRoom(RECORD_BYTES);
  return { ...kept, payload: fits ? payload : null, firstSeenAt: instant(1_763_690_652_000) };
};

describe("a record that cannot be read", () => {
  it("is kept with its coordinates and its reason, and its bytes sealed", () => {
    const kept = poisonRecord(cipher, dead(Buffer.from("hong@example.com")));
    expect(kept).toMatchObject({
      ...PLACE,
      ...{
        reason: "reading a millrace.request record: it is no JSON",
        stage: "consume-requests",
        attempts: 1,
      },
      digest: { sha256: createHash("sha256").update("hong@example.com").digest("hex"), bytes: 16 },
    });
    const text = Buffer.from(kept.payload).toString("utf8");
    expect(text).not.toContain("hong");
    expect(Buffer.from(opened(text)).toString("utf8")).toBe("hong@example.com");
  });

  it("is copied into the topic whatever its bytes are, and comes back byte by byte", () => {
    fc.assert(
      fc.property(fc.option(fc.uint8Array({ maxLength: 300 })), (value) => {
        const wire = deadLetterWire(poisonLetter(entry(value), RECORD_BYTES), "millrace.dead-letter");
        const letter = Result.getOrThrow(readDeadLetter(wire.value));
        if (letter.kind !== "poison" || letter.payload.kind !== "sealed")
          throw new Error("small bytes are sealed");
        expect([...opened(letter.payload.text)]).toEqual([...(value ?? [])]);
        expect(letter).toMatchObject({ ...PLACE, stage: "consume-requests", attempts: 1 });
      }),
      { numRuns: 1000 },
    );
  });

  it("fits into a record however large it is: where there is no room for it its digest stands for it", () => {
    for (const length of [400_000, 550_000, 560_000, 1_048_000]) {
      const bytes = randomBytes(length);
      const letter = poisonLetter(
        { ...entry(bytes), reason: "\0".repeat(3_000), topic: "t".repeat(249) },
        RECORD_BYTES,
      );
      const { value, key, headers } = deadLetterWire(letter, "d");
      expect(value.length + key.length + JSON.stringify(headers).length).toBeLessThanOrEqual(RECORD_BYTES);
      if (length > 555_000) {
        expect(letter.payload).toEqual({
          kind: "elsewhere",
          sha256: createHash("sha256").update(bytes).digest("hex"),
          bytes: length,
        });
      } else expect(letter.payload.kind).toBe("sealed");
    }
  });

  it("is not copied where whoever kept it has not sealed it: its digest stands for it, too", () => {
    const letter = poisonLetter({ ...entry(null), payload: Buffer.from("hong@example.com") }, RECORD_BYTES);
    expect(letter.payload).toMatchObject({ kind: "elsewhere", bytes: 0 });
    expect(String(deadLetterWire(letter, "d").value)).not.toContain("hong");
  });
});
