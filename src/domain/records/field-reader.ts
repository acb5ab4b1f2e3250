/**
 * Reads the fields of a record one by one and keeps the first thing that is wrong. A field that is wrong reads as some value
 * of its type, so that the reading is one straight list; whoever reads asks `problem` before believing any of it.
 *
 * What is wrong is said with the field's name and what it should be, never with what it holds.
 */
import { channelId, instant, noticeId, period, policyVersion, runId } from "../ids.ts";
import type { ChannelId, Instant, NoticeId, Period, PolicyVersion, RunId } from "../ids.ts";
import type { Fields } from "./record-text.ts";
import { sealedText, type SealedText } from "./sealed-text.ts";

/** `00-<trace>-<span>-<flags>`, as the W3C writes it. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export const isTraceparent = (text: unknown): text is string =>
  typeof text === "string" && TRACEPARENT.test(text);

/** Longest text of a field; ids are shorter. */
export const MOST_TEXT = 2_000;

export class FieldReader {
  readonly #fields: Fields;
  #problem: string | null = null;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** The first thing that was wrong. */
  get problem(): string | null {
    return this.#problem;
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value === "string" && value.length > 0 && value.length <= MOST_TEXT) return value;
    return this.#wrong(name, `a text of 1 to ${MOST_TEXT} characters`, "");
  }

  count(name: string, least = 0): number {
    const value = this.#fields.get(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    return this.#wrong(name, `a whole number from ${least}`, least);
  }

  oneOf<const T extends string>(name: string, among: readonly [T, ...T[]]): T {
    const value = this.#fields.get(name);
    return among.find((one) => one === value) ?? this.#wrong(name, `one of ${among.join(", ")}`, among[0]);
  }

  noticeId(name: string): NoticeId {
    return this.#made(name, "a notice's id", this.#fields.get(name), (value: string) => noticeId(value), "?");
  }

  channel(name: string): ChannelId {
    return this.#made(
      name,
      "a channel's name",
      this.#fields.get(name),
      (value: string) => channelId(value),
      "a",
    );
  }

  period(name: string): Period {
    return this.#made(
      name,
      "a month YYYYMM",
      this.#fields.get(name),
      (value: number) => period(value),
      190001,
    );
  }

  policyVersion(name: string): PolicyVersion {
    return this.#made(
      name,
      "a policy's version",
      this.#fields.get(name),
      (value: number) => policyVersion(value),
      1,
    );
  }

  runId(name: string): RunId {
    return this.#made(name, "a run's id", this.#fields.get(name), (value: string) => runId(value), "?");
  }

  /** A time as `2026-11-21T02:30:00.000Z`. */
  instant(name: string): Instant {
    const read = (value: string): Instant => instant(Date.parse(value));
    return this.#made(name, "a time in ISO 8601", this.#fields.get(name), read, "1970-01-01T00:00:00.000Z");
  }

  sealed(name: string): SealedText {
    const value = this.#fields.get(name);
    const sealed = typeof value === "string" ? sealedText(value) : null;
    return sealed ?? this.#wrong(name, "a sealed text", UNSEALED);
  }

  /** Empty where it is left out or `null`. */
  orNull<T>(name: string, read: (name: string) => T): T | null {
    return (this.#fields.get(name) ?? null) === null ? null : read(name);
  }

  /** A trace is never worth losing a record for: what is no trace is none. */
  traceparent(name: string): string | null {
    const value = this.#fields.get(name);
    return isTraceparent(value) ? value : null;
  }

  #made<In extends string | number, T>(
    name: string,
    what: string,
    value: unknown,
    make: (value: In) => T,
    instead: In,
  ): T {
    if (typeof value === typeof instead) {
      try {
        return make(value as In); // of the type of `instead`, as was just seen
      } catch {
        // said below, without the value
      }
    }
    this.#wrong(name, what, null);
    return make(instead);
  }

  #wrong<T>(name: string, shouldBe: string, instead: T): T {
    this.#problem ??= `the field ${name} is not ${shouldBe}`;
    return instead;
  }
}

const UNSEALED = sealedText("v1.none.none") as SealedText; // of the form, so there is one
