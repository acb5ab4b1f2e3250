/**
 * A copy of an attempt's request, made anew from what the ledger keeps: the same bytes, or none. The digest that the right to send has
 * pinned names the template version and all that went in; where it differs now, no copy may leave under that key.
 */
import { Effect } from "effect";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import type { Policy } from "../../domain/policy.ts";
import { type Failure, isFailure, Permanent } from "../../failure.ts";
import type { Claimed, Prepared } from "../delivery/bodies.ts";
import { opened } from "../delivery/decrypt-contact.ts";
import { billsOf } from "../delivery/load-bill.ts";
import { prepared } from "../delivery/render-notice.ts";
import type { UpkeepPorts, UpkeepProvider } from "./upkeep-ports.ts";

export type PrepareCopyPorts = Pick<UpkeepPorts, "bills" | "cipher" | "templates" | "sealedAbout">;

/** Fails as `Permanent` (or `Undecodable`) where the bytes can never be made the same, `Transient` where they cannot now. */
export const prepareCopy = (
  ports: PrepareCopyPorts,
  { channel, readContact }: Pick<UpkeepProvider, "channel" | "readContact">,
  { notice, attempt, contents }: DoubtfulNotice,
  policy: Policy,
): Effect.Effect<Prepared, Failure> =>
  Effect.gen(function* () {
    const claimed: Claimed = { notice, contents, policy };
    const [bill] = yield* billsOf(ports, [claimed]);
    if (bill === undefined) throw new Error("the bill store answered for fewer than it was asked");
    const loaded = yield* Effect.fromResult(bill);
    const copy = yield* stepped(() =>
      prepared(ports, opened({ ...ports, channel, readContact }, loaded), versionOf(attempt.contentDigest)),
    );
    if (copy.rendered.digest === attempt.contentDigest) return copy;
    const message = `preparing a copy of ${attempt.attemptId}: its contents have changed since, so none may leave`;
    return yield* Effect.fail(new Permanent({ message, code: "digest" }));
  });

/** `<template version>:<SHA-256>` */
const versionOf = (digest: string): string => digest.slice(0, Math.max(0, digest.lastIndexOf(":")));

/** The delivery's steps throw their failures; whatever else is thrown is a bug and stays one. */
const stepped = <A>(work: () => A): Effect.Effect<A, Failure> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(work());
    } catch (error) {
      if (isFailure(error)) return Effect.fail(error);
      throw error;
    }
  });

export const canNeverBeMade = (failure: Failure): boolean =>
  failure._tag === "Permanent" || failure._tag === "Undecodable";
