import { describe, expect, it } from "vitest";
import { Supply } from "../../scripts/prove-kafka/supply.ts";

const never = (): Promise<never> => new Promise(() => undefined);

describe("the bills of a proof", () => {
  it("are wanted while somebody waits for work and little of it is left, and not before or after", async () => {
    let isLittleLeft = true;
    const supply = new Supply(() => Promise.resolve(isLittleLeft));
    expect(await supply.wanted()).toBe(false);
    const seen = await supply.whileWaiting(async () => {
      const little = await supply.wanted();
      isLittleLeft = false;
      return [little, await supply.wanted()];
    });
    expect(seen).toEqual([true, false]);
    isLittleLeft = true;
    expect(await supply.wanted()).toBe(false);
  });

  it("are wanted however much is left while somebody waits for a run, also beside others", async () => {
    const supply = new Supply(() => Promise.resolve(false));
    supply.whileWaiting(never).catch(() => undefined);
    expect(await supply.wanted()).toBe(false);
    await expect(
      supply.withRuns(async () => {
        expect(await supply.wanted()).toBe(true);
        throw new Error("waited for too long");
      }),
    ).rejects.toThrow("waited for too long");
    expect(await supply.wanted()).toBe(false);
  });
});
