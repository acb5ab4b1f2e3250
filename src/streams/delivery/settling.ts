/**
 * What every settlement is made of: whose it is, the next step by the pinned policy, and text that the ledger can store.
 */
import type { ChannelId, NoticeId, Period, WorkerId } from "../../domain/ids.ts";
import { type AttemptEnd, type NextStep, stepAfter } from "../../domain/fall-back.ts";
import type { Claimed } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";

/** A provider may answer anything; what the ledger cannot store would leave a known outcome untold. */
export const storable = (text: string): string => text.replaceAll("\0", "\u{fffd}");

/** Which notice, and who tells. */
export interface Named {
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly actor: WorkerId;
}

export const about = ({ worker }: SendPorts, { notice }: Claimed): Named => ({
  noticeId: notice.noticeId,
  period: notice.period,
  actor: worker,
});

const channelOf = ({ notice }: Claimed): ChannelId => {
  if (notice.channel === null) throw new Error(`${notice.noticeId} was claimed without a channel`);
  return notice.channel;
};

/** By the policy that this generation began with. */
export const nextStep = (
  ports: SendPorts,
  claimed: Claimed,
  end: AttemptEnd,
  askedDelayMs: number | null,
): NextStep =>
  stepAfter(
    claimed.policy,
    {
      channel: channelOf(claimed),
      attemptNo: claimed.notice.attemptNo,
      end,
      ...(askedDelayMs === null ? {} : { askedDelayMs }),
    },
    Object.keys(claimed.contents.contacts) as ChannelId[], // its keys are channels, as ingested
    ports.system.random(),
  );
