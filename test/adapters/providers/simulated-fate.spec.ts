import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fateDrawer, type Fate } from "../../../src/adapters/providers/simulated-fate.ts";
import { failingPhone } from "../../../src/domain/demo-address.ts";
import { attemptId, channelId } from "../../../src/domain/ids.ts";

const EMAIL = channelId("email");
const SMS = channelId("sms");
const TO = "someone@example.com";

const manyFates = (draw: ReturnType<typeof fateDrawer>, channel = EMAIL): readonly Fate[] =>
  Array.from({ length: 10_000 }, (_, nth) => draw(attemptId(`attempt-${nth}`), channel, TO));

const share = (fates: readonly Fate[], holds: (fate: Fate) => boolean): number =>
  fates.filter(holds).length / fates.length;

describe("the fate of a request", () => {
  it("keeps to the shares that it is told, over ids that differ in a digit", () => {
    const fates = manyFates(
      fateDrawer(1, {
        rejectedShare: 0.1,
        rejectedForGoodShare: 0.5,
        unknownShare: 0.1,
        lostAnswerShare: 0.2,
        hangShare: 0.1,
      }),
    );
    expect(share(fates, ({ judgement }) => judgement === "rejected")).toBeCloseTo(0.05, 1.5);
    expect(share(fates, ({ judgement }) => judgement === "rejected-for-good")).toBeCloseTo(0.05, 1.5);
    expect(share(fates, ({ judgement }) => judgement === "dropped")).toBeCloseTo(0.1, 1.5);
    expect(share(fates, ({ answer }) => answer === "never")).toBeCloseTo(0.1, 1.5);
    expect(share(fates, ({ answer }) => answer === "lost")).toBeCloseTo(0.3, 1.5);
    expect(share(fates, ({ pace }) => pace < 0.25)).toBeCloseTo(0.25, 1.5);
  });

  it("refuses one in a hundred by default, and another one on each channel and for each seed", () => {
    const refused = (draw: ReturnType<typeof fateDrawer>, channel = EMAIL): ReadonlySet<number> =>
      new Set(
        [...manyFates(draw, channel).entries()].flatMap(([at, { judgement }]) =>
          judgement === "accepted" ? [] : [at],
        ),
      );
    const [one, sms, other] = [refused(fateDrawer(1)), refused(fateDrawer(1), SMS), refused(fateDrawer(2))];
    for (const some of [one, sms, other]) {
      expect(some.size).toBeGreaterThan(60);
      expect(some.size).toBeLessThan(150);
    }
    for (const some of [sms, other]) {
      expect([...some].filter((at) => one.has(at)).length).toBeLessThan(15);
    }
  });

  it("is always the same for the same seed, attempt and channel, and always a refusal for what is made to fail", () => {
    const text = fc.string({ unit: fc.constantFrom(..."abc-123"), minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.integer(), text, fc.constantFrom(EMAIL, SMS), (seed, id, channel) => {
        const faults = { rejectedShare: 0.2, unknownShare: 0.2, lostAnswerShare: 0.2, hangShare: 0.2 };
        const fate = fateDrawer(seed, faults)(attemptId(id), channel, TO);
        expect(fateDrawer(seed, faults)(attemptId(id), channel, TO)).toEqual(fate);
        expect(fateDrawer(seed, faults)(attemptId(id), channel, failingPhone(1))).toMatchObject({
          judgement: "rejected-for-good",
          answer: "told",
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
