/**
 * The role `upkeep`: sweeper and reconciler of this process, and the lines of what they cannot do.
 */
import { startUpkeep, type Upkeep } from "../streams/upkeep/upkeep.ts";
import type { UpkeepProvider } from "../streams/upkeep/upkeep-ports.ts";
import { contactRule } from "../domain/contact-rules.ts";
import { relaysOf } from "./relays-of.ts";
import { toldAtOnceMs } from "./republish-times.ts";
import { upkeepLines } from "./upkeep-lines.ts";
import type { Wiring } from "./wiring.ts";

export const startKeeping = (wiring: Wiring): Upkeep => {
  const { worker, ledger, doubts, policies, bills, cipher, templates, sealedAbout, system, config } = wiring;
  const keeping = startUpkeep(
    {
      ...{ worker, ledger, doubts, policies, bills, cipher, templates, sealedAbout, system },
      letters: wiring.letters,
      ...relaysOf(wiring),
      providers: providersOf(wiring),
      log: wiring.kafka?.requests ?? null,
      unheard: wiring.kafka?.unheard ?? null,
    },
    {
      pageCount: config.upkeep.batchSize,
      leaseMs: config.delivery.leaseMs,
      maxLapses: config.upkeep.lapseCap,
      answerWindowMs: config.upkeep.answerWindowMs,
      sweepMs: config.upkeep.sweepEveryMs,
      republishMs: toldAtOnceMs(config),
    },
  );
  keeping.onEvent(upkeepLines(wiring.log, system.clock));
  return keeping;
};

const providersOf = ({ senders, gates }: Wiring): readonly UpkeepProvider[] =>
  [...senders].flatMap(([channel, sender]) => {
    const gate = gates.get(channel);
    return gate === undefined ? [] : [{ channel, sender, gate, readContact: contactRule(channel) }];
  });
