import { describe, expect, it } from "vitest";
import { stageOf } from "../../src/domain/dead-letter.ts";

describe("the stage that a letter left at", () => {
  it.each([
    ["render-notice: the template lacks a variable", "render-notice"],
    ["call-provider: a bug in our program", "call-provider"],
    ["no answer within the answer window", null],
    ["sms: refused", null],
    ["Render-Notice: shouted", null],
    ["", null],
  ])("of %j is %j", (reason, stage) => {
    expect(stageOf(reason)).toBe(stage);
  });
});
