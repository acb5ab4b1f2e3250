/**
 * Contact and bill in the clear, for this notice and this channel only, and shown to nobody.
 */
import { createSecretKey, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentCipher } from "../../../src/adapters/crypto/index.ts";
import { contactRule } from "../../../src/domain/contact-rules.ts";
import { conceal, reveal } from "../../../src/domain/masking-sensitive.ts";
import type { ContentCipher } from "../../../src/domain/ports/content-cipher.ts";
import type { Loaded, Opened } from "../../../src/streams/delivery/bodies.ts";
import { decryptContact } from "../../../src/streams/delivery/decrypt-contact.ts";
import { EMAIL } from "../../contracts/notice-ledger-commands.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";
import { failuresOf, only, through } from "../through.ts";

const cipherWith = (present: string): ContentCipher =>
  contentCipher({ ring: { present, keys: new Map([[present, createSecretKey(randomBytes(32))]]), old: [] } });
const cipher = cipherWith("2026-11");

const portsOf = (world: DeliveryWorld) => ({ ...world.ports(), cipher, readContact: contactRule(EMAIL) });

interface Sealing {
  readonly contact?: string;
  /** What it is sealed for. */
  readonly about?: string;
  readonly bill?: string;
  readonly fetched?: string;
  readonly by?: ContentCipher;
}

const loadedIn = async (
  world: DeliveryWorld,
  { contact = "kim@example.com", about = "n1", bill = "{}", fetched, by = cipher }: Sealing = {},
): Promise<Loaded> => {
  const claimed = await world.claimed("n1");
  const contents = { ...claimed.contents, contacts: { [EMAIL]: by.seal(conceal(contact), about) } };
  return {
    ...claimed,
    contents,
    stored: { sealed: cipher.seal(conceal(bill), "n1"), ref: null },
    fetched: fetched === undefined ? null : cipher.seal(conceal(fetched), "n1"),
  };
};

const open = async (sealing?: Sealing): Promise<Opened> => {
  const world = await worldWith();
  return only(await through(world.clock, [await loadedIn(world, sealing)], decryptContact(portsOf(world))));
};

const refusal = async (sealing: Sealing) => {
  const world = await worldWith();
  const left = await through(world.clock, [await loadedIn(world, sealing)], decryptContact(portsOf(world)));
  const [failure] = failuresOf(left);
  return failure;
};

describe("decryptContact", () => {
  it("opens what was sealed for this notice, and shows it masked", async () => {
    const { to, bill } = await open({ bill: '{"name":"Kim","total":48750}' });
    expect(reveal(to)).toBe("kim@example.com");
    expect(reveal(bill)).toEqual({ name: "Kim", total: 48_750 });
    const shown = `${String(to)} ${JSON.stringify({ to, bill })} ${inspect({ to, bill })}`;
    expect(shown).not.toMatch(/kim@|48750|"Kim"/);
  });

  it("lets the row's own fields stand over those that lie elsewhere", async () => {
    const { bill } = await open({
      bill: '{"total":2}',
      fetched: '{"total":1,"items":[]}',
    });
    expect(reveal(bill)).toEqual({ total: 2, items: [] });
  });

  it("ends the channel for a contact that is missing, sealed for somebody else, under another key, or no address", async () => {
    expect(await refusal({ about: "n2" })).toMatchObject({ _tag: "Permanent", code: "tampered" });
    expect(await refusal({ by: cipherWith("2031-01") })).toMatchObject({ code: "unknown-key" });
    expect(await refusal({ contact: "kim at example" })).toMatchObject({
      code: "unusable-contact",
      message: expect.stringMatching(/^reading the email contact of n1: /) as string, // any rule's words
    });
    const world = await worldWith();
    const loaded = await loadedIn(world);
    const none = { ...loaded, contents: { ...loaded.contents, contacts: {} } };
    const left = await through(world.clock, [none], decryptContact(portsOf(world)));
    expect(failuresOf(left)).toMatchObject([{ _tag: "Permanent", code: "no-contact" }]);
  });

  it("ends it for a bill that is none, too", async () => {
    expect(await refusal({ bill: "[1, 2]" })).toMatchObject({ _tag: "Undecodable", code: "bill" });
    expect(await refusal({ fetched: "no JSON" })).toMatchObject({ _tag: "Undecodable", code: "bill" });
  });

  it("never shows what it could not read, whatever it was", async () => {
    const world = await worldWith();
    const claimed = await loadedIn(world);
    const secret = fc.string({ minLength: 4, maxLength: 20 }).map((text) => `geheim${text}`);
    await fc.assert(
      fc.asyncProperty(secret, secret, fc.boolean(), async (contact, bill, isContact) => {
        const contacts = { [EMAIL]: cipher.seal(conceal(isContact ? contact : "kim@example.com"), "n1") };
        const loaded = {
          ...claimed,
          contents: { ...claimed.contents, contacts },
          stored: { sealed: cipher.seal(conceal(bill), "n1"), ref: null },
        };
        const [failure] = failuresOf(await through(world.clock, [loaded], decryptContact(portsOf(world))));
        expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain("geheim");
      }),
      { numRuns: 1_000 },
    );
  });
});
