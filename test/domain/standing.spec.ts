import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/domain/ids.ts";
import { HOLD_REASONS, STATUSES } from "../../src/domain/notice.ts";
import { standingOf, STANDINGS } from "../../src/domain/standing.ts";

const NOW = instant(1_000);
const standing = (
  status: (typeof STATUSES)[number],
  holdReason: (typeof HOLD_REASONS)[number] | null = null,
  dueAt = 0,
) => standingOf({ status, holdReason, dueAt: instant(dueAt) }, NOW);

describe("how a notice stands", () => {
  it("is held where it waits for a stated time or reason, and open where it should move by itself", () => {
    expect(standing("ready")).toBe("open");
    expect(standing("ready", null, NOW)).toBe("open");
    expect(standing("ready", null, NOW + 1)).toBe("held");
    expect(standing("ready", "paused")).toBe("held");
    expect(standing("queued")).toBe("open");
    expect(standing("queued", null, NOW + 1)).toBe("held");
    expect(standing("queued", "contradiction")).toBe("held");
    expect(standing("claimed", null, NOW + 1)).toBe("open");
    expect(standing("claimed", "contradiction")).toBe("held");
  });

  it("is open while the provider has it, whatever holds the notice", () => {
    expect(standing("sending", "contradiction", NOW + 1)).toBe("open");
  });

  it("is a doubt's own, and each end's own", () => {
    for (const end of ["in_doubt", "sent", "failed", "cancelled", "suppressed", "expired"] as const)
      expect(standing(end, "contradiction", NOW + 1)).toBe(end);
  });

  it("is always exactly one of those that a balance sums", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STATUSES),
        fc.constantFrom(...HOLD_REASONS, null),
        fc.integer(),
        (status, holdReason, dueAt) => {
          expect(STANDINGS).toContain(standing(status, holdReason, dueAt));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
