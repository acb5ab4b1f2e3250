/**
 * What becomes of a request at the simulated provider: a pure function of seed, attempt and channel, so that a run can be
 * played again, and every process of a folder gives the same answer for the same attempt.
 */
import { isMadeToFail } from "../../domain/demo-address.ts";
import type { AttemptId, ChannelId } from "../../domain/ids.ts";
import type { Judgement } from "../../domain/ports/provider-journal.ts";

/** Shares of all requests, each from 0 to 1; together at most 1. */
export interface SimulatedFaults {
  /** Refused by the provider's own judgement. Default 0.01. */
  readonly rejectedShare?: number;
  /** Of those refused: never to be tried again on this channel. Default 1. */
  readonly rejectedForGoodShare?: number;
  /** Answered with nothing that can be read; every other one of them was accepted. Default 0. */
  readonly unknownShare?: number;
  /** Accepted, and the answer is lost on its way. Default 0. */
  readonly lostAnswerShare?: number;
  /** Never answered; every other one of them was accepted. Default 0. */
  readonly hangShare?: number;
}

export interface Fate {
  readonly judgement: Judgement;
  readonly answer: "told" | "lost" | "never";
  /** From 0 to 1: where in the range of its latencies the answer comes. */
  readonly pace: number;
}

/** FNV-1a over the text, then a finaliser that spreads it over all bits: ids that differ in a digit share nothing. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
};

const mixed = (bits: number): number => {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** In [0, 1); draws of different numbers from one hash have nothing to do with each other. */
const draw = (hash: number, number: number): number =>
  mixed((hash + Math.imul(number, 0x9e3779b9)) | 0) / 2 ** 32;

/** @throws RangeError for shares that are none, which is a mistake of whoever configured them. */
export const fateDrawer = (
  seed: number,
  {
    rejectedShare = 0.01,
    rejectedForGoodShare = 1,
    unknownShare = 0,
    lostAnswerShare = 0,
    hangShare = 0,
  }: SimulatedFaults = {},
): ((attemptId: AttemptId, channel: ChannelId, to: string) => Fate) => {
  const shares = { rejectedShare, rejectedForGoodShare, unknownShare, lostAnswerShare, hangShare };
  for (const [name, share] of Object.entries(shares)) {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`${name} is ${share}: it must be from 0 to 1`);
  }
  const untilUnknown = rejectedShare + unknownShare;
  const untilLost = untilUnknown + lostAnswerShare;
  const untilHang = untilLost + hangShare;
  // A little more than 1, for the sum of shares such as 0.1 and 0.7 and 0.2.
  if (untilHang > 1 + 1e-9)
    throw new RangeError(`the shares of the faults add up to ${untilHang}: at most 1`);
  return (attemptId, channel, to) => {
    const hash = hashOf(`${seed}/${channel}/${attemptId}`);
    const pace = draw(hash, 1);
    if (isMadeToFail(to)) return { judgement: "rejected-for-good", answer: "told", pace };
    const lot = draw(hash, 2);
    const second = draw(hash, 3);
    if (lot < rejectedShare) {
      const judgement = second < rejectedForGoodShare ? "rejected-for-good" : "rejected";
      return { judgement, answer: "told", pace };
    }
    const either = second < 0.5 ? "accepted" : "dropped";
    if (lot < untilUnknown) return { judgement: either, answer: "lost", pace };
    if (lot < untilLost) return { judgement: "accepted", answer: "lost", pace };
    if (lot < untilHang) return { judgement: either, answer: "never", pace };
    return { judgement: "accepted", answer: "told", pace };
  };
};
