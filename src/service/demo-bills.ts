/**
 * Bills of people who do not exist, as rows for ingest: the same for the same seed, however often they are made.
 *
 * Nobody can be reached by them, whatever provider is configured: `example.com` belongs to nobody, and no Korean telephone
 * has a number that goes on with 0 after its 010. Some are made to fail on both channels, and some people have quiet hours
 * that have just begun; both are spread evenly, and there are exactly as many as were asked for.
 */
import type { BillRow, SourceLine } from "../domain/bill-line.ts";
import { failingEmail, failingPhone } from "../domain/demo-address.ts";
import type { Instant } from "../domain/ids.ts";
import { clockReading, MINUTES_PER_DAY } from "../domain/quiet-hours-interval.ts";
import { SEOUL, zoneTime, type ZoneId } from "../domain/zone-time.ts";
import {
  EXTRAS,
  FAMILY_NAMES,
  GIVEN_NAMES,
  GRADES,
  PLAN,
  type DemoItem,
  type Spelling,
} from "./demo-words.ts";

export interface DemoBillsOptions {
  readonly count: number;
  /** Part of each bill's id: another name makes other bills, the same one the same. Letters, digits and `-`. */
  readonly name: string;
  /** Default 1. */
  readonly seed?: number;
  /** From when on they may be sent, and in the middle of whose quiet hours. */
  readonly now: Instant;
  /** Bills that fail by e-mail and by SMS. Default 10. */
  readonly failing?: number;
  /** People with quiet hours of their own, from an hour before `now` until two hours after. Default 20. */
  readonly quiet?: number;
  /** Default Asia/Seoul. */
  readonly zone?: ZoneId;
}

const DEFAULT_FAILING = 10;
const DEFAULT_QUIET = 20;
const QUIET_BEFORE_MINUTES = 60;
const QUIET_AFTER_MINUTES = 120;

export const demoBills = function* (options: DemoBillsOptions): Generator<SourceLine, void, undefined> {
  const { count, seed = 1, now, zone = SEOUL } = options;
  const failing = Math.min(count, options.failing ?? DEFAULT_FAILING);
  const special = Math.min(count, failing + (options.quiet ?? DEFAULT_QUIET));
  const draw = new Draw(seed);
  const quiet = quietAround(now, zone);
  for (let nth = 0; nth < count; nth += 1) {
    // Steps of a line from (0, 0) to (count, special): where it rises the bill is special. The same again within those.
    const rank = Math.floor((nth * special) / count);
    const isSpecial = Math.floor(((nth + 1) * special) / count) > rank;
    const fails =
      isSpecial && Math.floor(((rank + 1) * failing) / special) > Math.floor((rank * failing) / special);
    const row = {
      ...bill(options, nth, draw, zone),
      ...(fails ? { email: failingEmail(nth), phone: failingPhone(nth) } : {}),
      ...(isSpecial && !fails ? quiet : {}),
    };
    yield { line: nth + 1, row };
  }
};

const bill = ({ name, now }: DemoBillsOptions, nth: number, draw: Draw, zone: ZoneId): BillRow => {
  const family = draw.one(FAMILY_NAMES);
  const given = draw.one(GIVEN_NAMES);
  const number = String(nth + 1).padStart(6, "0");
  return {
    user_id: `member-${number}`,
    bill_id: `${name}-${number}`,
    billing_month: zoneTime(now, zone).billingMonth,
    purpose: "monthly-bill",
    available_at: new Date(now).toISOString(),
    zone,
    name: family.hangul + given.hangul,
    grade: draw.one(GRADES),
    email: emailOf(given, family, nth),
    phone: phoneOf(draw),
    items: itemsOf(draw),
  };
};

const emailOf = (given: Spelling, family: Spelling, nth: number): string =>
  `${given.latin}.${family.latin}.${nth + 1}@example.com`;

/** 010-01…09…: a number that begins with 0 is no number. Those with 0000 fail, so they are left to others. */
const phoneOf = (draw: Draw): string =>
  `010-0${draw.within(100, 999)}-${String(draw.within(0, 9_999)).padStart(4, "0")}`;

const itemsOf = (draw: Draw): readonly { readonly label: string; readonly amount: number }[] => {
  const extras = [...EXTRAS];
  const count = draw.within(8, 11);
  const chosen = [PLAN];
  while (chosen.length < count) chosen.push(...extras.splice(draw.within(0, extras.length - 1), 1));
  return chosen.map((item) => ({ label: item.label, amount: amountOf(item, draw) }));
};

const amountOf = ({ from, to }: DemoItem, draw: Draw): number => draw.within(from / 10, to / 10) * 10;

const quietAround = (now: Instant, zone: ZoneId): BillRow => {
  const { minuteOfDay } = zoneTime(now, zone);
  const reading = (minute: number): string => clockReading((minute + MINUTES_PER_DAY) % MINUTES_PER_DAY);
  return {
    quiet_from: reading(minuteOfDay - QUIET_BEFORE_MINUTES),
    quiet_to: reading(minuteOfDay + QUIET_AFTER_MINUTES),
  };
};

/** Mulberry32: small, and the same on every machine. For demonstrations, not for secrets. */
class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number, both ends included. */
  within(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  one<A>(list: readonly A[]): A {
    const chosen = this.within(0, list.length - 1);
    return list[chosen] as A; // within the list, by the line above
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
