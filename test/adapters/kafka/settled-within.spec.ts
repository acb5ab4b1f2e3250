import { describe, expect, it } from "vitest";
import { settledWithin } from "../../../src/adapters/kafka/settled-within.ts";

const LONG_MS = 3_600_000;

describe("waiting for the end of a client", () => {
  it("is over when it has ended, well or not, and at the latest when its time is up", async () => {
    await expect(settledWithin(Promise.resolve(), LONG_MS)).resolves.toBeUndefined();
    await expect(settledWithin(Promise.reject(new Error("no broker")), LONG_MS)).resolves.toBeUndefined();
    await expect(settledWithin(new Promise(() => undefined), 1)).resolves.toBeUndefined();
  });
});
