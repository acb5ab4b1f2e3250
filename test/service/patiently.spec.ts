import { describe, expect, it } from "vitest";
import { Permanent, Transient, Unconfirmed } from "../../src/failure.ts";
import { patiently } from "../../src/service/patiently.ts";

const clock = {
  after: (_: number, run: () => void) => {
    run();
    return () => undefined;
  },
};

const answers = (...ends: readonly (Error | string)[]) => {
  let asked = 0;
  return () => {
    const end = ends[asked++] ?? "too often";
    return end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
  };
};

describe("asking patiently", () => {
  const never = new AbortController().signal;

  it("asks again while the database is away, until there is an answer", async () => {
    const away = new Transient({ message: "refused" });
    const lost = new Unconfirmed({ message: "its answer was lost" });
    expect(await patiently({ clock, signal: never }, answers(away, lost, away, "there"))).toBe("there");
  });

  it("gives up at once on what no waiting mends, and on everything once it is to stop", async () => {
    const wrong = new Permanent({ message: "no such table" });
    await expect(patiently({ clock, signal: never }, answers(wrong, "there"))).rejects.toBe(wrong);
    const bug = new TypeError("ours");
    await expect(patiently({ clock, signal: never }, answers(bug, "there"))).rejects.toBe(bug);
    const away = new Transient({ message: "refused" });
    const stopped = AbortSignal.abort();
    await expect(patiently({ clock, signal: stopped }, answers(away, "there"))).rejects.toBe(away);
  });
});
