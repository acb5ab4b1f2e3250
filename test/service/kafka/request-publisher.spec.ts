import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentCipher } from "../../../src/adapters/crypto/content-cipher.ts";
import { decodeKeyRing } from "../../../src/adapters/crypto/key-ring.ts";
import type { WireRecord } from "../../../src/adapters/kafka/log-message.ts";
import { channelId, noticeId, period, policyVersion } from "../../../src/domain/ids.ts";
import { conceal, reveal } from "../../../src/domain/masking-sensitive.ts";
import type { QueuedDetail } from "../../../src/domain/ports/queued-details.ts";
import { readRequest, type RequestRecord } from "../../../src/domain/records/request-record.ts";
import { type Failure, Transient } from "../../../src/failure.ts";
import { requestPublisher } from "../../../src/service/kafka/request-publisher.ts";
import type { QueuedNotice } from "../../../src/streams/upkeep/upkeep-ports.ts";

const EMAIL = channelId("email");
const PERIOD = period(202611);
const KEY = Buffer.alloc(32, 7).toString("base64");
const ring = Result.getOrThrow(
  decodeKeyRing(JSON.stringify({ present: "k1", keys: { k1: KEY } }), "a test's keys"),
);
const cipher = contentCipher({ ring });
const AWAY = new Transient({ message: "the log is away", code: "away" });

const queued = (id: string, epoch = 1): QueuedNotice => ({
  ...{ noticeId: noticeId(id), period: PERIOD, epoch, channel: EMAIL },
});

const detailOf = (id: string, more: Partial<QueuedDetail> = {}): QueuedDetail => ({
  ...{ epoch: 1, status: "queued", channel: EMAIL, generation: 1, attemptNo: 1 },
  ...{ policyVersion: policyVersion(4), runId: null, userId: `member-of-${id}`, billId: `bill-of-${id}` },
  ...{ priority: 0, contact: cipher.seal(conceal(`${id}@example.com`), id), place: null },
  ...more,
});

const world = (details: readonly (QueuedDetail | null)[], answer: (record: WireRecord) => Failure | null) => {
  const out: WireRecord[] = [];
  const heard: (Failure | null)[] = [];
  const publisher = requestPublisher({
    details: { read: () => Effect.succeed(details) },
    ...{
      cipher,
      sealedAbout: ({ noticeId: id }) => id,
      topicOf: (channel) => `request.${channel}`,
      key: "bill",
    },
    out: {
      publish: (records) =>
        Effect.succeed(
          records.map(({ body }) => {
            const failure = answer(body);
            if (failure !== null) return Result.fail(failure);
            out.push(body);
            return Result.succeed(undefined);
          }),
        ),
    },
    published: (failure) => void heard.push(failure),
  });
  const publish = (...notices: readonly QueuedNotice[]) =>
    Effect.runPromise(publisher.publish(notices.map((body) => ({ key: body.noticeId, body, headers: {} }))));
  return { out, heard, publish };
};

const requestIn = ({ value }: WireRecord): RequestRecord => Result.getOrThrow(readRequest(value));

describe("requestPublisher", () => {
  it("writes a record that a worker needs the hint of, and readers outside the rest, nothing of it personal in the clear", async () => {
    const { out, heard, publish } = world([detailOf("n1", { priority: 2 })], () => null);
    expect(await publish(queued("n1"))).toEqual([Result.succeed(undefined)]);
    const [wire] = out;
    if (wire === undefined) throw new Error("nothing was published");
    expect(wire).toMatchObject({ topic: "request.email", key: "bill-of-n1" });
    const request = requestIn(wire);
    expect(request).toMatchObject({
      ...{ noticeId: "n1", period: 202611, epoch: 1, channel: "email" },
      details: { generation: 1, attemptNo: 1, billId: "bill-of-n1", memberId: "member-of-n1", priority: 2 },
    });
    const opened = (text: string | null | undefined, about: string): string =>
      reveal(Result.getOrThrow(cipher.open(text ?? "", about)));
    expect(opened(request.details?.destination, "n1")).toBe("n1@example.com");
    expect(opened(request.details?.contentLocation, "request/n1")).toBe("row:202611/n1");
    expect(Buffer.from(wire.value).toString("utf8")).not.toContain("example.com");
    expect(heard).toEqual([null]);
  });

  it("says where a bill lies that the row does not hold, and leaves out a contact that nobody can open", async () => {
    const detail = detailOf("n1", { place: "file:2026/11/7.json", contact: "bm8gb2xkIGtleQ==" });
    const { out, publish } = world([detail, detailOf("n2", { contact: null })], () => null);
    await publish(queued("n1"), queued("n2"));
    const [one, two] = out.map(requestIn);
    const location = Result.getOrThrow(cipher.open(one?.details?.contentLocation ?? "", "request/n1"));
    expect(reveal(location)).toBe("file:2026/11/7.json");
    expect([one?.details?.destination, two?.details?.destination]).toEqual([null, null]);
  });

  it("asks nobody to look at what has moved on since", async () => {
    const details = [
      null,
      detailOf("n2", { status: "claimed" }),
      detailOf("n3", { epoch: 5 }),
      detailOf("n4", { channel: channelId("sms") }),
    ];
    const { out, heard, publish } = world(details, () => null);
    expect(
      (await publish(queued("n1"), queued("n2"), queued("n3"), queued("n4"))).every(Result.isSuccess),
    ).toBe(true);
    expect(out).toEqual([]);
    expect(heard).toEqual([]);
  });

  it("always answers for each record singly and in order: taken, or why not", async () => {
    const fates = fc.array(fc.constantFrom("taken", "refused", "moved on", "no policy"), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fates, async (all) => {
        const ids = all.map((fate, at) => `${fate.replace(" ", "-")}-${at}`);
        const details = all.map((fate, at) =>
          detailOf(ids[at] ?? "", {
            ...(fate === "moved on" ? { status: "sent" as const } : {}),
            ...(fate === "no policy" ? { policyVersion: null } : {}),
          }),
        );
        const { out, heard, publish } = world(details, ({ key }) => (key.includes("refused") ? AWAY : null));
        const answers = await publish(...ids.map((id) => queued(id)));
        expect(answers.map(Result.isSuccess)).toEqual(
          all.map((fate) => fate === "taken" || fate === "moved on"),
        );
        expect(out.map(({ key }) => key)).toEqual(
          ids.filter((id) => id.startsWith("taken")).map((id) => `bill-of-${id}`),
        );
        const isAsked = all.includes("taken") || all.includes("refused");
        expect(heard).toEqual(isAsked ? [all.includes("refused") ? AWAY : null] : []);
      }),
      { numRuns: 1_000 },
    );
  });
});
