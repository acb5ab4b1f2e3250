/**
 * Lines for what the gates of the providers tell: a provider that is asked no more for a while, and one that is asked again.
 */
import { type Log, logWord } from "../adapters/telemetry/log.ts";
import type { ProviderGate } from "../streams/delivery/provider-gate.ts";

export const providerLines = (log: Log, gates: Iterable<Pick<ProviderGate, "onChange">>): void => {
  for (const gate of gates)
    gate.onChange((change) => {
      if (change.type === "provider:pause:begin")
        log.write(change.mustBeMended ? "error" : "warn", change.type, {
          provider: logWord(change.provider),
          reason: change.cause,
        });
      else if (change.type === "provider:pause:done")
        log.write("info", change.type, { provider: logWord(change.provider) });
    });
};
