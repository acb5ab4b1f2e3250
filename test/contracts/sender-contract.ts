/**
 * What every sender promises, as one suite: run unchanged over each adapter, for each class that it can be given. The
 * provider behind it tells by its own evidence what it accepted, so that the class which a sender declares is the class
 * that is measured here.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ProviderClass } from "../../src/domain/attempt.ts";
import { attemptId } from "../../src/domain/ids.ts";
import type { Sender, SendOutcome, SendRequest } from "../../src/domain/ports/sender.ts";
import { aRequest, SECRETS } from "./sender-requests.ts";

/** How the provider treats the first request of each attempt. */
export type ProviderFault =
  /** Accepts, and its answer is lost. */
  | "lost-answer"
  /** Accepts or not, and answers nothing that can be read. */
  | "unreadable"
  /** Accepts or not, and never answers. */
  | "hang"
  /** Judges the request and refuses it. */
  | "refuses"
  /** Says that it is down, and takes nothing. */
  | "down";

export interface SenderWorldOptions {
  readonly providerClass: ProviderClass;
  readonly fault: ProviderFault | null;
}

export interface SenderWorld {
  readonly sender: Sender;
  /** How many requests with this reference the provider has accepted, by its own evidence. */
  readonly acceptances: (reference: string) => Promise<number>;
  /** Lets time pass until the promise is settled. */
  readonly during: <A>(promise: Promise<A>) => Promise<A>;
  readonly close: () => Promise<void>;
}

export interface SenderFeatures {
  readonly make: (options: SenderWorldOptions) => Promise<SenderWorld>;
  /** Of the property: fewer than 1,000 only where each run costs a server's time. */
  readonly runs: number;
}

const CLASSES: readonly ProviderClass[] = [
  { class: "A", windowMs: 3_600_000 },
  { class: "B", findableMs: 3_600_000 },
  { class: "C" },
];

export const describeSenderContract = (name: string, { make, runs }: SenderFeatures): void => {
  describe(`the sender to ${name}`, () => {
    let world: SenderWorld | null = null;
    let made = 0;
    afterEach(async () => {
      await world?.close();
      world = null;
    });

    const open = async (options: Partial<SenderWorldOptions> = {}): Promise<SenderWorld> => {
      world = await make({ providerClass: { class: "C" }, fault: null, ...options });
      return world;
    };
    const fresh = (more: Partial<SendRequest> = {}): SendRequest => aRequest(`n${(made += 1)}`, more);

    const send = async ({ sender, during }: SenderWorld, request: SendRequest): Promise<SendOutcome> => {
      const [outcome] = sender.send([request]);
      if (outcome === undefined) throw new Error("no outcome");
      const seen = await during(outcome);
      for (const secret of SECRETS) expect(seen.words).not.toContain(secret);
      return seen;
    };

    it("answers each request of a batch in its place, with the provider's name for it", async () => {
      const there = await open();
      const requests = [fresh(), fresh({ mayStillLeave: () => false }), fresh()];
      const outcomes = await there.during(Promise.all(there.sender.send(requests)));
      expect(outcomes.map(({ kind }) => kind)).toEqual(["accepted", "not-handed-over", "accepted"]);
      const ids = outcomes.flatMap((outcome) =>
        outcome.kind === "accepted" ? [outcome.providerMessageId] : [],
      );
      expect(new Set(ids).size).toBe(2);
      expect(await Promise.all(requests.map(({ reference }) => there.acceptances(reference)))).toEqual([
        1, 0, 1,
      ]);
    });

    it("asks whether a request may still leave when everything else is ready, and lets nothing leave after a no", async () => {
      const there = await open();
      const request = fresh();
      const seenBefore: Promise<number>[] = [];
      const asking = {
        ...request,
        mayStillLeave: () => {
          seenBefore.push(there.acceptances(request.reference));
          return false;
        },
      };
      expect(await send(there, asking)).toMatchObject({ kind: "not-handed-over", trouble: null });
      expect(await Promise.all(seenBefore)).toEqual([0]);
      expect(await there.acceptances(request.reference)).toBe(0);
      expect(await send(there, request)).toMatchObject({ kind: "accepted" });
    });

    it("lets nothing leave where asking fails, and answers all the same", async () => {
      const there = await open();
      const failing = fresh({
        mayStillLeave: () => {
          throw new Error("a bug of whoever asks");
        },
      });
      const [bad, good] = there.sender.send([failing, fresh()]);
      if (bad === undefined || good === undefined) throw new Error("no outcome");
      expect(await there.during(bad)).toMatchObject({ kind: "not-handed-over", trouble: null });
      expect(await there.during(good)).toMatchObject({ kind: "accepted" });
      expect(await there.acceptances(failing.reference)).toBe(0);
    });

    it("says that it was refused only when the provider refused this request", async () => {
      const there = await open({ fault: "refuses" });
      const request = fresh();
      expect(await send(there, request)).toMatchObject({ kind: "rejected", forGood: true });
      expect(await there.acceptances(request.reference)).toBe(0);
    });

    it("blames no notice for a provider that is down", async () => {
      const there = await open({ fault: "down" });
      const request = fresh();
      const outcome = await send(there, request);
      expect(["not-accepted", "not-handed-over"]).toContain(outcome.kind);
      expect(outcome).toMatchObject({ trouble: "down" });
      expect(await there.acceptances(request.reference)).toBe(0);
    });

    it.each(["lost-answer", "unreadable", "hang"] as const)(
      "says that nobody knows, within the answer window: %s",
      async (fault) => {
        const there = await open({ fault });
        const request = fresh();
        expect(await send(there, request)).toMatchObject({ kind: "unknown" });
        const accepted = await there.acceptances(request.reference);
        if (fault === "lost-answer") expect(accepted).toBe(1);
        else expect(accepted).toBeLessThanOrEqual(1);
      },
    );

    it("settles what is under way when it is closed, and takes nothing afterwards", async () => {
      const there = await open({ fault: "hang" });
      const outcomes = there.sender.send([fresh(), fresh()]);
      await there.sender.close();
      for (const outcome of await there.during(Promise.all(outcomes))) {
        expect(["unknown", "not-handed-over"]).toContain(outcome.kind);
      }
      const late = fresh();
      expect(await send(there, late)).toMatchObject({ kind: "not-handed-over" });
      expect(await there.acceptances(late.reference)).toBe(0);
    });

    describe("with a provider of class A", () => {
      const [providerClass = { class: "C" }] = CLASSES;

      it("is answered as before when it sends a copy, and the provider has accepted once", async () => {
        const there = await open({ providerClass });
        expect(there.sender.terms).toMatchObject(providerClass);
        const request = fresh();
        const first = await send(there, request);
        expect(first).toMatchObject({ kind: "accepted" });
        const { providerMessageId } = first as Extract<SendOutcome, { kind: "accepted" }>; // seen on the line above
        expect(await send(there, request)).toMatchObject({ kind: "accepted", providerMessageId });
        expect(await there.acceptances(request.reference)).toBe(1);
      });

      it.each(["lost-answer", "unreadable", "hang"] as const)(
        "learns by a copy what became of a request: %s",
        async (fault) => {
          const there = await open({ providerClass, fault });
          const request = fresh();
          expect(await send(there, request)).toMatchObject({ kind: "unknown" });
          let outcome = await send(there, request);
          // Where the first one had been dropped, the copy is the first that is taken; its own answer may be lost, too.
          if (outcome.kind === "unknown") outcome = await send(there, request);
          expect(outcome).toMatchObject({ kind: "accepted" });
          expect(await there.acceptances(request.reference)).toBe(1);
        },
      );

      it("is never accepted twice, however many copies it sends, one after the other or at once", async () => {
        const there = await open({ providerClass });
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
            async (waves) => {
              const request = fresh();
              const ids = new Set<string>();
              for (const copies of waves) {
                const outcomes = there.sender.send(Array.from({ length: copies }, () => request));
                for (const outcome of await there.during(Promise.all(outcomes))) {
                  if (outcome.kind !== "accepted") throw new Error(outcome.words);
                  ids.add(outcome.providerMessageId);
                }
              }
              expect(ids.size).toBe(1);
              expect(await there.acceptances(request.reference)).toBe(1);
            },
          ),
          { numRuns: runs },
        );
      });
    });

    describe("with a provider of class B", () => {
      const [, providerClass = { class: "C" }] = CLASSES;

      it.each([null, "lost-answer", "unreadable", "hang", "refuses"] as const)(
        "finds by the attempt what the provider has accepted, and nothing else: %s",
        async (fault) => {
          const there = await open({ providerClass, fault });
          expect(there.sender.terms).toMatchObject(providerClass);
          for (let sent = 0; sent < 4; sent += 1) {
            const request = fresh();
            await send(there, request);
            const lookUp = there.sender.lookUp?.(request.attemptId);
            if (lookUp === undefined) throw new Error("class B is asked by our reference");
            const { found } = await there.during(Effect.runPromise(lookUp));
            expect(await there.acceptances(request.reference)).toBe(found ? 1 : 0);
          }
        },
      );

      it("finds nothing of what was never sent", async () => {
        const there = await open({ providerClass });
        const lookUp = there.sender.lookUp?.(attemptId("never-sent"));
        if (lookUp === undefined) throw new Error("class B is asked by our reference");
        expect(await there.during(Effect.runPromise(lookUp))).toMatchObject({ found: false });
      });
    });

    it.each(CLASSES.slice(1))(
      "measures no more than class $class: a second copy is a second acceptance",
      async (providerClass) => {
        const there = await open({ providerClass });
        const request = fresh();
        await send(there, request);
        await send(there, request);
        expect(await there.acceptances(request.reference)).toBe(2);
      },
    );

    it.each(CLASSES)(
      "asks by our reference where that is promised, and only there: class $class",
      async (providerClass) => {
        const { sender } = await open({ providerClass });
        expect(sender.lookUp === null).toBe(providerClass.class !== "B");
        expect(sender.terms.class).toBe(providerClass.class);
      },
    );
  });
};
