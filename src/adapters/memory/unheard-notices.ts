/**
 * What no log was told of, in the memory ledger: a filter and a sort.
 */
import { Effect } from "effect";
import type { Notice } from "../../domain/notice.ts";
import type { UnheardCursor, UnheardNotice, UnheardNotices } from "../../domain/ports/unheard-notices.ts";
import type { MemoryLedger } from "./notice-ledger.ts";

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const inOrder = (a: UnheardCursor, b: UnheardCursor): number =>
  byText(a.channel, b.channel) || a.dueAt - b.dueAt || byText(a.noticeId, b.noticeId);

const unheardOf = ({ noticeId, period, epoch, channel, dueAt }: Notice): readonly UnheardNotice[] =>
  channel === null ? [] : [{ noticeId, period, epoch, channel, dueAt }];

/** What no log was told of, from that ledger. */
export const memoryUnheardNotices = (ledger: Pick<MemoryLedger, "notices" | "now">): UnheardNotices => ({
  page: (beyondMs, limit, after) =>
    Effect.map(ledger.now, (now) =>
      ledger
        .notices()
        .map(({ notice }) => notice)
        .filter(({ status, dueAt, republishAt }) => {
          return status === "queued" && dueAt <= now && (republishAt ?? 0) > now + beyondMs;
        })
        .flatMap(unheardOf)
        .filter((each) => after === undefined || inOrder(each, after) > 0)
        .sort(inOrder)
        .slice(0, limit),
    ),
});
