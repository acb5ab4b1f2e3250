/**
 * A small ledger in which a notice stands in every place there is, as the service itself would have left it: for specs that
 * then break it by hand, or ask about it.
 */
import { Effect, Result } from "effect";
import type { CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import { attemptId, instant, noticeId, policyVersion, runId } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import type { AcceptedRequest, ProviderEvidence } from "../../../src/domain/ports/provider-evidence.ts";
import { aNotice, command, EMAIL, HOUR, PERIOD, SMS, START } from "../../contracts/notice-ledger-commands.ts";

export const STORY_POLICY = {
  version: 1,
  zone: "Asia/Seoul",
  channels: [
    { channel: "email", maxAttempts: 2, backoff: { firstMs: 1000, factor: 2, capMs: 60_000 } },
    { channel: "sms", maxAttempts: 1, backoff: { firstMs: 1000, factor: 2, capMs: 60_000 } },
  ],
  expiresAfterMs: 100 * HOUR,
};

/** Of each notice the attempts that are given out, in order. */
export const attemptOf = (id: string, count = 1): ReturnType<typeof attemptId> =>
  attemptId(`${id}-attempt-${count}`);

export const STORY = [
  ...([
    "sent",
    "sent-by-sms",
    "failed",
    "doubted",
    "sending",
    "claimed",
    "queued",
    "waiting",
    "ready",
  ] as const),
  ...(["put-off", "held", "cancelled", "suppressed", "expired", "replayed"] as const),
];
export type StoryNotice = (typeof STORY)[number];

/** What must have been done is done, or the story tells of something else. */
const won = async <T extends CommandType>(
  ledger: NoticeLedger,
  type: T,
  id: string,
  more: Partial<CommandOf<T>> = {},
): Promise<void> => {
  const [answer] = await Effect.runPromise(ledger.apply(type, [command(type, id, more)]));
  if (answer === undefined) throw new Error("no answer");
  const { verdict, because } = Result.getOrThrow(answer);
  if (verdict !== "won") throw new Error(`${type} of ${id}: ${verdict} ${because}`);
};

const route = (ledger: NoticeLedger, id: string, epoch = 0) =>
  won(ledger, "route", id, { epoch, runId: runId("run-1") });

const begin = async (
  ledger: NoticeLedger,
  id: string,
  epoch = 1,
  attempt = attemptOf(id),
  key: string = attempt,
): Promise<void> => {
  await won(ledger, "claim", id, { epoch });
  await won(ledger, "begin-send", id, { epoch: epoch + 1, attemptId: attempt, providerKey: key });
};

const FAIL = { kind: "fail", because: "the last channel" } as const;

/** Every clock of it stands at `START`; `setNow` moves it where a notice needs another time. */
export const tellStory = async (
  ledger: NoticeLedger,
  setNow: (ms: number) => Promise<void>,
): Promise<void> => {
  const run = Effect.runPromise;
  await setNow(START);
  await run(ledger.activatePolicy(policyVersion(1), STORY_POLICY, "operator:kim"));
  await run(
    ledger.ingest(
      STORY.map((id) =>
        aNotice(id, {
          dueAt: instant(id === "put-off" ? START + HOUR : START - HOUR),
          expiresAt: instant(id === "expired" ? START + 1_000 : START + 100 * HOUR),
        }),
      ),
    ),
  );
  for (const id of [
    "sent",
    "sent-by-sms",
    "failed",
    "doubted",
    "sending",
    "claimed",
    "queued",
    "waiting",
    "cancelled",
    "replayed",
  ])
    await route(ledger, id);

  await begin(ledger, "sent");
  await won(ledger, "accept", "sent", { attemptId: attemptOf("sent"), providerMessageId: "m-sent" });

  await begin(ledger, "sent-by-sms");
  await won(ledger, "definite-no", "sent-by-sms", {
    attemptId: attemptOf("sent-by-sms"),
    next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 },
  });
  await begin(ledger, "sent-by-sms", 3, attemptOf("sent-by-sms", 2));
  await won(ledger, "accept", "sent-by-sms", {
    attemptId: attemptOf("sent-by-sms", 2),
    providerMessageId: "m-sms",
  });

  await begin(ledger, "failed");
  await won(ledger, "definite-no", "failed", { attemptId: attemptOf("failed"), next: FAIL });

  await begin(ledger, "doubted");
  await won(ledger, "doubt", "doubted", { attemptId: attemptOf("doubted") });

  await begin(ledger, "sending");
  await won(ledger, "claim", "claimed");

  await begin(ledger, "waiting");
  await won(ledger, "definite-no", "waiting", {
    attemptId: attemptOf("waiting"),
    next: { kind: "queue", channel: EMAIL, attemptNo: 2, dueInMs: 60_000 },
    reason: "450 mailbox busy",
  });

  await won(ledger, "hold", "held", { reason: "operator" });
  await won(ledger, "cancel", "cancelled");

  await run(ledger.suppress("user-of-suppressed", "moved away", "operator:kim"));
  await won(ledger, "suppress", "suppressed");

  await begin(ledger, "replayed");
  await won(ledger, "definite-no", "replayed", { attemptId: attemptOf("replayed"), next: FAIL });
  await won(ledger, "replay", "replayed", { actor: "operator:kim" });
  await route(ledger, "replayed", 4);
  await begin(ledger, "replayed", 5, attemptOf("replayed", 2));

  await setNow(START + 2_000);
  await won(ledger, "expire", "expired");
};

/** What a provider that kept its class has on record after the story. */
export const STORY_EVIDENCE: readonly AcceptedRequest[] = [
  { attemptId: attemptOf("sent"), reference: "sent/1", channel: EMAIL, id: "m-sent" },
  { attemptId: attemptOf("sent-by-sms", 2), reference: "sent-by-sms/1", channel: SMS, id: "m-sms" },
  // It was accepted, and its answer is on the way.
  { attemptId: attemptOf("sending"), reference: "sending/1", channel: EMAIL, id: "m-sending" },
];

export const evidenceOf = (accepted: readonly AcceptedRequest[]): ProviderEvidence => ({
  name: "a test's provider",
  accepted: async function* () {
    yield* accepted;
  },
});

export const idOf = (id: StoryNotice): ReturnType<typeof noticeId> => noticeId(id);
export { PERIOD };
