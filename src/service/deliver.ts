/**
 * The role `deliver`: a delivery for each channel, each with a window of its own, so that a provider that is down holds up its own
 * channel only.
 */
import { contactRule } from "../domain/contact-rules.ts";
import type { ChannelId } from "../domain/ids.ts";
import { deliveryPipeline } from "../streams/delivery/delivery-pipeline.ts";
import type { DeliveryPorts } from "../streams/delivery/delivery-ports.ts";
import { ledgerDelivery } from "../streams/delivery/ledger-delivery.ts";
import { Leases } from "../streams/delivery/leases.ts";
import type { EventListener } from "../streams/runtime/events.ts";
import type { PipelineHealth, Running } from "../streams/runtime/pipeline.ts";
import { toldByUpkeepMs } from "./republish-times.ts";
import type { Wiring } from "./wiring.ts";

export interface Delivery {
  readonly channels: readonly ChannelId[];
  /** Rejects when one of them failed beyond restarting. */
  readonly done: Promise<void>;
  readonly health: () => readonly PipelineHealth[];
  readonly on: (listener: EventListener) => () => void;
  readonly drain: (deadlineMs: number) => Promise<void>;
  readonly abort: () => Promise<void>;
}

/** Statements of one kind under way at once, for each channel. */
const LANES = 2;

export const startDelivery = (wiring: Wiring, channels: readonly ChannelId[]): Delivery => {
  const running = channels.map((channel): Running => {
    const ports = portsFor(wiring, channel);
    if (wiring.kafka !== null) return deliveryPipeline(ports, wiring.kafka.delivery(ports)).start();
    const log = ledgerDelivery(ports, {
      queued: wiring.queued(),
      pageCount: wiring.config.delivery.claimBatchSize,
      idleMs: wiring.config.delivery.maxWaitMs,
    });
    return deliveryPipeline(ports, log).start();
  });
  const all = (work: (each: Running) => Promise<unknown>): Promise<void> =>
    Promise.all(running.map(work)).then(() => undefined);
  return {
    channels,
    done: all(({ done }) => done),
    health: () => running.map((each) => each.health()),
    on: (listener) => {
      const stops = running.map((each) => each.on(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    drain: (deadlineMs) => all((each) => each.drain(deadlineMs)),
    abort: () => all((each) => each.abort()),
  };
};

const portsFor = (wiring: Wiring, channel: ChannelId): DeliveryPorts => {
  const { config, worker, ledger, policies, bills, cipher, templates, sealedAbout, system } = wiring;
  const sender = wiring.senders.get(channel);
  const gate = wiring.gates.get(channel);
  if (sender === undefined || gate === undefined)
    throw new Error(`no provider is configured for channel ${channel}`);
  const { windowCredits, leaseMs, batchSize } = config.delivery;
  return {
    ...{ channel, worker, ledger, policies, bills, cipher, templates, sealedAbout, system, sender, gate },
    readContact: contactRule(channel),
    leases: new Leases({ ledger, worker, leaseMs, system }),
    limits: {
      ...{ windowCredits, leaseMs },
      republishMs: toldByUpkeepMs(config),
      batchCount: batchSize,
      batchLanes: LANES,
    },
  };
};
