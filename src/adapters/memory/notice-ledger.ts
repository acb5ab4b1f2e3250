/**
 * The ledger without a database: the port's promises over the transition function, and nothing else. It reads as the
 * specification of the Postgres ledger, and passes the same contract.
 *
 * A call is one step of the program, so it is a transaction by itself, and locks would have nobody to wait for. What it
 * lacks is durability: it ends with the program.
 */
import { Effect, Result } from "effect";
import { Permanent } from "../../failure.ts";
import type { DeadLetter } from "../../domain/dead-letter.ts";
import type { ChannelId, Instant, NoticeId, Period, PolicyVersion } from "../../domain/ids.ts";
import type { Command, CommandOf, CommandType } from "../../domain/lifecycle/commands.ts";
import type { Facts, HistoryEntry, NoticeView, Table } from "../../domain/lifecycle/rule.ts";
import { after, TABLE, transition } from "../../domain/lifecycle/transition.ts";
import { isFinal } from "../../domain/notice.ts";
import type {
  Answer,
  AnswerTo,
  ClaimAnswer,
  Contents,
  DueCursor,
  DueKind,
  DueNotice,
  HeldNotice,
  Ingested,
  ItemAnswer,
  NewNotice,
  NoticeLedger,
  PoisonRecord,
  RoutingCandidate,
  RoutingPage,
  StoredPolicy,
} from "../../domain/ports/notice-ledger.ts";
import { indigestible, twice } from "./digestible.ts";
import { ingestedNotice } from "./ingested-notice.ts";

/** By which clock the ledger goes. */
export interface MemoryLedgerOptions {
  /** The ledger's clock. */
  readonly now: () => Instant;
  /** Only tests pass a table of their own, with something taken out of it. */
  readonly table?: Table;
}

/** What an operator's page and the tests look at; the port shows one notice at a time. */
export interface MemoryLedger extends NoticeLedger {
  readonly notices: () => readonly NoticeView[];
  readonly contentsOf: (noticeId: NoticeId) => Contents | null;
  readonly poisoned: () => readonly KeptPoison[];
  /** Each generation that has ended, as it ended, oldest first. */
  readonly ended: () => readonly EndedGeneration[];
  /** How often a notice was queued; and a listener for each further time, until the function that it returns is called. */
  readonly queuedSoFar: () => number;
  readonly onQueued: (listener: () => void) => () => void;
  readonly discardLetter: (letter: Pick<DeadLetter, "period" | "noticeId" | "kind" | "epoch">) => void;
}

/** A record that names no readable notice, and since when it is here. */
export interface KeptPoison extends PoisonRecord {
  readonly firstSeenAt: Instant;
}

/** How a generation ended: the rows as they were then, and what the history says of it. */
export interface EndedGeneration {
  readonly view: NoticeView;
  readonly contents: Contents;
  readonly entry: HistoryEntry;
}

/** All that is kept of one notice. */
interface Kept {
  view: NoticeView;
  readonly businessKey: string;
  readonly contents: Contents;
  readonly history: HistoryEntry[];
}

/** In force before any policy was activated; no gate can have been computed from it, so every gate is shut. */
const NO_POLICY = 0 as PolicyVersion; // outside the counting numbers that a version is one of

const businessKeyOf = ({ period, billId, purpose }: NewNotice): string =>
  JSON.stringify([period, billId, purpose]);

/** By code units, which for ids are bytes: as the database compares them. */
const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

export const byTime = (a: DueCursor, b: DueCursor): number => a.at - b.at || byText(a.noticeId, b.noticeId);

/** From when on somebody should look at the notice for `kind`; empty where there is no reason. */
const dueFrom = ({ notice, attempts, deadLetters }: NoticeView, kind: DueKind): Instant | null => {
  const { status } = notice;
  switch (kind) {
    case "republish":
      return status === "queued" ? notice.republishAt : null;
    case "lapse":
      return status === "claimed" ? notice.leaseUntil : null;
    case "overdue":
      return status === "sending" ? (attempts.find(({ state }) => state === "intent")?.sendBy ?? null) : null;
    case "expire":
      return status === "ready" || status === "queued" || status === "claimed" ? notice.expiresAt : null;
    case "doubt":
      return (
        deadLetters.find((letter) => letter.kind === "doubt" && letter.state === "open")?.openedAt ?? null
      );
  }
};

/** A ledger in memory, empty at first: it ends with the program. */
export const memoryLedger = ({ now, table = TABLE }: MemoryLedgerOptions): MemoryLedger => {
  const kept = new Map<NoticeId, Kept>();
  const keys = new Map<string, NoticeId>();
  const pauses = new Set<ChannelId | "*">();
  const suppressed = new Set<string>();
  const policies = new Map<PolicyVersion, string>();
  const poisoned = new Map<string, KeptPoison>();
  const ended: EndedGeneration[] = [];
  let active: PolicyVersion = NO_POLICY;
  const listeners = new Set<() => void>();
  let queuedSoFar = 0;

  const tellQueued = (): void => {
    queuedSoFar += 1;
    for (const listener of [...listeners]) listener();
  };

  const find = ({ noticeId, period }: { noticeId: NoticeId; period: Period }): Kept | undefined => {
    const found = kept.get(noticeId);
    return found?.view.notice.period === period ? found : undefined;
  };

  const factsFor = (found: Kept | undefined): Facts => ({
    now: now(),
    suppressed: found !== undefined && suppressed.has(found.contents.userId),
    paused: [...pauses],
    activePolicyVersion: active,
  });

  const applyOne = (command: Command): Answer => {
    const found = find(command);
    const facts = factsFor(found);
    const outcome = transition(found?.view, command, facts, table);
    if (outcome.verdict === "won" && found !== undefined) {
      const { status } = found.view.notice;
      found.view = after(found.view, outcome.change);
      if (outcome.history !== null) {
        found.history.push(outcome.history);
        if (!isFinal(status) && isFinal(found.view.notice.status))
          ended.push({ view: found.view, contents: found.contents, entry: outcome.history });
      }
      // last: whoever hears of it may claim it at once
      if (status !== "queued" && found.view.notice.status === "queued") tellQueued();
    }
    return { verdict: outcome.verdict, because: outcome.because, at: facts.now };
  };

  const withContents = (command: CommandOf<"claim">, answer: Answer): ClaimAnswer => {
    const found = find(command);
    const held = answer.verdict === "won" || answer.verdict === "already-mine";
    const claimed =
      held && found !== undefined ? { notice: found.view.notice, contents: found.contents } : null;
    return { ...answer, claimed };
  };

  const answerTo = <T extends CommandType>(command: CommandOf<T>): ItemAnswer<AnswerTo<T>> => {
    const refused = indigestible(command);
    if (refused !== undefined) return Result.fail(refused);
    // TypeScript does not see that `T` is the type of this very command.
    const plain = command as Command;
    const answer = applyOne(plain);
    return Result.succeed((plain.type === "claim" ? withContents(plain, answer) : answer) as AnswerTo<T>); // as above
  };

  const ingestOne = (item: NewNotice): ItemAnswer<Ingested> => {
    const { contacts, routing, content, ...texts } = item;
    const refused = indigestible(texts);
    if (refused !== undefined) return Result.fail(refused);
    const businessKey = businessKeyOf(item);
    const holder = keys.get(businessKey);
    if (holder === item.noticeId) {
      return Result.succeed({ verdict: "already-mine", because: "T1.already-mine", noticeId: holder });
    }
    if (holder !== undefined) {
      return Result.succeed({ verdict: "lost", because: "T1.business-key", noticeId: holder });
    }
    if (kept.has(item.noticeId)) {
      return Result.succeed({ verdict: "lost", because: "T1.notice-id", noticeId: item.noticeId });
    }
    keys.set(businessKey, item.noticeId);
    const { userId, billId, purpose } = item;
    const contents = { userId, billId, purpose, contacts, routing, content };
    kept.set(item.noticeId, { view: ingestedNotice(item), businessKey, contents, history: [] });
    return Result.succeed({ verdict: "won", because: null, noticeId: item.noticeId });
  };

  const candidatesOf = ({ after: cursor, limit, which }: RoutingPage): readonly RoutingCandidate[] =>
    [...kept.values()]
      .filter(({ view: { notice } }) => {
        const fresh = notice.channel === null && notice.generation === 1;
        return (
          notice.status === "ready" &&
          notice.holdReason === null &&
          notice.dueAt <= now() &&
          fresh === (which === "fresh")
        );
      })
      .map(({ view: { notice }, contents }) => ({
        at: notice.dueAt,
        noticeId: notice.noticeId,
        candidate: {
          notice,
          userId: contents.userId,
          suppressed: suppressed.has(contents.userId),
          channels: Object.keys(contents.contacts) as ChannelId[], // keyed by channel, which a plain record's type forgets
          routing: contents.routing,
        },
      }))
      .filter((each) => cursor === null || byTime(each, { at: cursor.dueAt, noticeId: cursor.noticeId }) > 0)
      .sort(byTime)
      .slice(0, limit)
      .map(({ candidate }) => candidate);

  const inOneStep = <A>(work: () => A | Permanent): Effect.Effect<A, Permanent> =>
    Effect.suspend(() => {
      const done = work();
      return done instanceof Permanent ? Effect.fail(done) : Effect.succeed(done);
    });

  return {
    now: Effect.sync(now),
    ingest: (batch) => inOneStep(() => twice(batch) ?? batch.map(ingestOne)),
    apply: (_type, batch) => inOneStep(() => twice(batch) ?? batch.map(answerTo)),
    routePage: (page, decide) =>
      inOneStep(() => {
        const candidates = candidatesOf(page);
        const at = now();
        // All are decided before any is changed: the candidates of a page are locked together.
        const decided = candidates.map((candidate) => decide(candidate, at));
        const [refused] = decided.flatMap((command) =>
          command === null ? [] : (indigestible(command) ?? []),
        );
        if (refused !== undefined) return refused;
        const last = candidates.at(-1)?.notice;
        return {
          candidates,
          answers: decided.map((command) => (command === null ? null : applyOne(command))),
          next:
            last === undefined || candidates.length < page.limit
              ? null
              : { dueAt: last.dueAt, noticeId: last.noticeId },
        };
      }),
    due: (kind, limit, cursor) =>
      Effect.sync(() =>
        [...kept.values()]
          .flatMap(({ view }): readonly DueNotice[] => {
            const at = dueFrom(view, kind);
            const { noticeId, period, epoch, status, channel, publishes } = view.notice;
            return at === null || at > now()
              ? []
              : [{ noticeId, period, epoch, status, channel, publishes, at }];
          })
          .filter((each) => cursor === undefined || byTime(each, cursor) > 0)
          .sort(byTime)
          .slice(0, limit),
      ),
    held: (reason, limit, cursor) =>
      Effect.sync(() =>
        [...kept.values()]
          .filter(({ view }) => view.notice.holdReason === reason)
          .map(({ view: { notice } }): HeldNotice => {
            const { noticeId, period, status, channel, policyVersion } = notice;
            return { noticeId, period, status, channel, policyVersion };
          })
          .sort((a, b) => a.period - b.period || byText(a.noticeId, b.noticeId))
          .filter(
            ({ period, noticeId }) =>
              cursor === undefined ||
              period > cursor.period ||
              (period === cursor.period && noticeId > cursor.noticeId),
          )
          .slice(0, limit),
      ),
    poison: (batch) =>
      Effect.sync(() => {
        for (const record of batch) {
          const place = JSON.stringify([record.topic, record.partition, record.offset]);
          if (!poisoned.has(place)) poisoned.set(place, { ...record, firstSeenAt: now() });
        }
      }),
    read: (noticeId, period) =>
      Effect.sync(() => {
        const found = find({ noticeId, period });
        return found === undefined ? null : { ...found.view, history: [...found.history] };
      }),
    pause: (scope) => Effect.sync(() => void pauses.add(scope)),
    resume: (scope) => Effect.sync(() => void pauses.delete(scope)),
    pauses: Effect.sync(() => [...pauses].sort()),
    suppress: (userId) => Effect.sync(() => void suppressed.add(userId)),
    unsuppress: (userId) => Effect.sync(() => void suppressed.delete(userId)),
    activatePolicy: (version, policy, _actor, where = "anyway") =>
      inOneStep(() => {
        if (where === "none-is-active" && active !== NO_POLICY) return undefined;
        const text = JSON.stringify(policy);
        if ((policies.get(version) ?? text) !== text) {
          return new Permanent({
            message: `policy ${version} is another one already`,
            code: "policy-version",
          });
        }
        policies.set(version, text);
        active = version;
        return undefined;
      }),
    policy: (version) =>
      Effect.sync((): StoredPolicy | null => {
        const wanted = version === "active" ? active : version;
        const text = policies.get(wanted);
        if (text === undefined) return null;
        const stored: unknown = JSON.parse(text);
        return { version: wanted, policy: stored };
      }),
    notices: () => [...kept.values()].map(({ view }) => view),
    contentsOf: (noticeId) => kept.get(noticeId)?.contents ?? null,
    poisoned: () => [...poisoned.values()],
    ended: () => ended,
    queuedSoFar: () => queuedSoFar,
    discardLetter: ({ kind, epoch, ...key }) => {
      const found = find(key);
      if (found === undefined) return;
      const { notice, deadLetters } = found.view;
      const named = deadLetters.filter((letter) => letter.kind === kind && letter.epoch === epoch);
      const discarded = named.map((letter): DeadLetter => ({ ...letter, state: "discarded" }));
      found.view = after(found.view, { notice, deadLetters: discarded });
    },
    onQueued: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
