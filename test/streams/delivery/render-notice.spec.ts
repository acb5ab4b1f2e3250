/**
 * The message, from the bill and from what the row says of it.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelId } from "../../../src/domain/ids.ts";
import { reveal, Sensitive } from "../../../src/domain/masking-sensitive.ts";
import { maskWhole } from "../../../src/domain/masking.ts";
import type { TemplateStore } from "../../../src/domain/ports/template-store.ts";
import { isFailure } from "../../../src/failure.ts";
import type { Opened } from "../../../src/streams/delivery/bodies.ts";
import { prepared, renderNotice } from "../../../src/streams/delivery/render-notice.ts";
import { storeOf } from "../../adapters/templates/sets.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";
import { failuresOf, only, through } from "../through.ts";

const SMS = channelId("sms");
const templates = storeOf({
  text: "{{name}}: {{purpose}} {{billId}} {{year period}}",
  variables: { name: "text", purpose: "text", billId: "text", period: "month" },
});

const openedIn = async (
  world: DeliveryWorld,
  bill: Readonly<Record<string, unknown>>,
  purpose = "reminder",
): Promise<Opened> => {
  const { notice, ...claimed } = await world.claimed("n1", { purpose });
  return {
    ...claimed,
    notice: { ...notice, channel: SMS },
    to: new Sensitive("phone", "01012345678", maskWhole("01012345678")),
    bill: new Sensitive("bill", bill, maskWhole("bill")),
  };
};

const rendered = async (bill: Readonly<Record<string, unknown>>, purpose?: string) => {
  const world = await worldWith();
  const left = await through(
    world.clock,
    [await openedIn(world, bill, purpose)],
    renderNotice({ templates }),
  );
  return only(left).rendered;
};

const refusalBy = (store: TemplateStore, opened: Opened, version: string) => {
  try {
    prepared({ templates: store }, opened, version);
  } catch (failure) {
    if (isFailure(failure)) return failure;
    throw failure;
  }
  throw new Error("it was rendered");
};

describe("renderNotice", () => {
  it("writes what the row says of the notice, its purpose included, beside what the bill says", async () => {
    const { message, digest } = await rendered({ name: "Kim" });
    expect(reveal(message)).toMatchObject({ text: "Kim: reminder bill-of-n1 2023" });
    expect(digest).toMatch(/^v1:[0-9a-f]{64}$/);
    expect(JSON.stringify(message)).not.toContain("Kim");
  });

  it("lets no field of a bill stand over what the row says", async () => {
    const { message } = await rendered({ name: "Kim", purpose: "a gift", billId: "b-2" });
    expect(reveal(message).text).toBe("Kim: reminder bill-of-n1 2023");
  });

  it("ends the channel where a variable is missing, and names it", async () => {
    const world = await worldWith();
    const [failure] = failuresOf(
      await through(world.clock, [await openedIn(world, {})], renderNotice({ templates })),
    );
    expect(failure).toMatchObject({ _tag: "Permanent", code: "template" });
    expect(failure?.message).toContain("name");
  });

  it("renders a copy with the version that the attempt has pinned, or not at all", async () => {
    const world = await worldWith();
    const opened = await openedIn(world, { name: "Kim" });
    expect(prepared({ templates }, opened, "v1").rendered.digest).toMatch(/^v1:/);
    expect(refusalBy(templates, opened, "v0")).toMatchObject({ _tag: "Permanent", code: "template" });
  });

  it("always gives the same bytes and digest for the same inputs, and another digest for others", async () => {
    const world = await worldWith();
    const claimed = await openedIn(world, {});
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    const inputs = fc.record({ name: word, purpose: word });
    const madeOf = ({ name, purpose }: { readonly name: string; readonly purpose: string }) =>
      prepared(
        { templates },
        {
          ...claimed,
          contents: { ...claimed.contents, purpose },
          bill: new Sensitive("bill", { name }, maskWhole("bill")),
        },
        templates.version,
      ).rendered;
    fc.assert(
      fc.property(inputs, inputs, (one, other) => {
        const [first, again, second] = [madeOf(one), madeOf({ ...one }), madeOf(other)];
        expect(reveal(again.message)).toEqual(reveal(first.message));
        expect(again.digest).toBe(first.digest);
        const isSame = one.name === other.name && one.purpose === other.purpose;
        expect(second.digest === first.digest).toBe(isSame);
      }),
      { numRuns: 1_000 },
    );
  });
});
