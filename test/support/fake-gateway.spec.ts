import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { GATEWAY_FAULTS, startFakeGateway, type FakeGateway } from "./fake-gateway.ts";

describe("the fake gateway, whatever faults it has", () => {
  const open: FakeGateway[] = [];
  afterAll(() => Promise.all(open.map((each) => each.close())));

  const post = async (url: string, attemptId: string): Promise<{ status: number; text: string } | null> => {
    const posted = { attemptId, reference: `${attemptId}/1`, channel: "email", text: "-" };
    try {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(posted) });
      return { status: response.status, text: await response.text() };
    } catch {
      return null;
    }
  };

  it("keeps to class A: an attempt is accepted once, and once it is, no repeat of it is refused", async () => {
    const honest = GATEWAY_FAULTS.filter((fault) => fault !== "lies" && fault !== "hang");
    const gateway = await startFakeGateway({
      class: "A",
      faults: Object.fromEntries(honest.map((fault) => [fault, 0.08])),
    });
    open.push(gateway);
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), async (copies) => {
        const attemptId = `attempt-${(made += 1)}`;
        const accepted = () => gateway.acceptances.filter((each) => each.attemptId === attemptId);
        for (let copy = 0; copy < copies; copy += 1) {
          const wasAccepted = accepted().length > 0;
          const answer = await post(gateway.url, attemptId);
          if (wasAccepted) expect(answer?.status).not.toBe(422);
          expect(accepted().length).toBeLessThanOrEqual(1);
          if (answer?.status === 201) expect(answer.text).toContain(accepted()[0]?.id);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
