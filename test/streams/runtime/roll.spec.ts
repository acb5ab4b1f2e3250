import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Enrolled, NOWHERE, Roll } from "../../../src/streams/runtime/roll.ts";
import { growth } from "../../support/growth.ts";

class Member implements Enrolled {
  place = NOWHERE;
}

const members = (count: number): readonly Member[] => Array.from({ length: count }, () => new Member());

describe("a roll", () => {
  it("knows its oldest, whoever leaves", () => {
    const roll = new Roll<Member>();
    const [first, second, third] = [new Member(), new Member(), new Member()];
    for (const member of [first, second, third]) roll.add(member);
    roll.remove(second);
    expect([roll.oldest, roll.count]).toEqual([first, 2]);
    roll.remove(first);
    expect(roll.oldest).toBe(third);
    roll.remove(third);
    expect([roll.oldest, roll.count, third.place]).toEqual([null, 0, NOWHERE]);
  });

  it("does nothing for one that is not here", () => {
    const roll = new Roll<Member>();
    const member = new Member();
    roll.add(member);
    roll.remove(new Member());
    expect([...roll]).toEqual([member]);
    roll.remove(member);
    roll.remove(member);
    expect(roll.count).toBe(0);
  });

  it("is always in order of arrival, and whoever leaves while one looks is passed over", () => {
    const change = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 50 }) }) },
      { weight: 2, arbitrary: fc.record({ remove: fc.array(fc.nat({ max: 200 }), { maxLength: 60 }) }) },
    );
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 30 }),
        fc.array(fc.tuple(fc.nat({ max: 10 }), fc.nat({ max: 10 })), { maxLength: 6 }),
        (changes, whileLooking) => {
          const roll = new Roll<Member>();
          let model: readonly Member[] = [];
          const remove = (member: Member | undefined): void => {
            if (member === undefined) return;
            roll.remove(member);
            model = model.filter((other) => other !== member);
          };
          for (const given of changes) {
            if ("add" in given) {
              for (const member of members(given.add)) {
                roll.add(member);
                model = [...model, member];
              }
            } else for (const which of given.remove) remove(model[which % Math.max(1, model.length)]);
            ok([...roll].every((member, at) => member === model[at]));
            equal(roll.count, model.length);
            equal(roll.oldest, model[0] ?? null);
          }
          const atFirst = model;
          const seen: Member[] = [];
          for (const member of roll) {
            ok(model.includes(member));
            seen.push(member);
            for (const [at, which] of whileLooking)
              if (at === seen.length - 1) remove(model[which % Math.max(1, model.length)]);
          }
          // whoever is left was seen, and nobody twice
          expect(model.every((member) => seen.includes(member))).toBe(true);
          expect(seen).toEqual(atFirst.filter((member) => seen.includes(member)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("keeps the places of one that stays for ever no longer than it must, however many come and go after it", () => {
    const roll = new Roll<Member>();
    const stays = new Member();
    roll.add(stays);
    let furthest = 0;
    for (const member of members(100_000)) {
      roll.add(member);
      furthest = Math.max(furthest, member.place);
      roll.remove(member);
    }
    expect([roll.oldest, roll.count]).toEqual([stays, 1]);
    expect(furthest).toBeLessThan(64);
  });

  it("costs no more at fifty thousand than at a thousand, in whatever order they leave", () => {
    const steadyState = (count: number) => {
      const roll = new Roll<Member>();
      const here = [...members(count)];
      for (const member of here) roll.add(member);
      let state = 7;
      return (): void => {
        for (let turn = 0; turn < 10_000; turn += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const member = here[state % count];
          if (member === undefined) throw new Error("everybody is here");
          roll.remove(member);
          roll.add(member);
        }
      };
    };
    expect(growth(steadyState(1_000), steadyState(50_000))).toBeLessThan(10);
  });
});
