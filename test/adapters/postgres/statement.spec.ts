import { describe, expect, it } from "vitest";
import { transitionStatement } from "../../../src/adapters/postgres/sql/statement.ts";
import { TRANSITIONS } from "../../../src/adapters/postgres/sql/transitions.ts";
import { TABLE } from "../../../src/domain/lifecycle/transition.ts";

describe("a statement", () => {
  it("asks the table's guards in the table's order, with the table's verdicts", () => {
    for (const { type, text } of Object.values(TRANSITIONS)) {
      const places = TABLE[type].guards.map(({ name, otherwise }) =>
        text.indexOf(`THEN '${otherwise} ${name}'`),
      );
      expect(places, type).not.toContain(-1);
      expect(places, type).toEqual([...places].sort((a, b) => a - b));
    }
  });

  it("cannot be made without one of the table's guards, nor with one that the table does not know", () => {
    const renew = { type: "renew", given: [], becomes: {}, alarm: "exact" } as const;
    expect(() => transitionStatement({ ...renew, guards: {} })).toThrow("lacks the guard T3r.epoch");
    expect(() => transitionStatement({ ...renew, guards: { epoch: "true", moon: "true" } })).toThrow(
      "no guard moon",
    );
  });

  it("takes the gate's lock where a copy may leave afterwards, or a hold may outlive its pause, and nowhere else", () => {
    const gated = Object.values(TRANSITIONS).filter((statement) => statement.gated);
    expect(gated.map(({ type }) => type)).toEqual(["begin-send", "step-back", "resend"]);
  });
});
