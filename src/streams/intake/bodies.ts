/**
 * What travels through an intake: places in the walk through the candidates, then the pages found there.
 */
import type { ChannelId, NoticeId, Period } from "../../domain/ids.ts";
import type { RoutingDecision } from "../../domain/route.ts";

/** Leave to fetch one more page. Where it begins the walk knows, when its turn has come. */
export interface PageTurn {
  readonly turn: number;
}

/** A notice that a committed page has queued: the log is to be told. */
export interface Routed {
  readonly noticeId: NoticeId;
  readonly period: Period;
  /** Of the row as it is queued. */
  readonly epoch: number;
  readonly channel: ChannelId;
  readonly decision: RoutingDecision;
}

export interface Page {
  readonly candidates: number;
  readonly routed: readonly Routed[];
  readonly pageMs: number;
}
