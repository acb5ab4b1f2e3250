/**
 * A gate for each provider: its permits and its breaker, one for everything in this process that sends by it.
 */
import type { ChannelId } from "../domain/ids.ts";
import type { Sender } from "../domain/ports/sender.ts";
import { ProviderGate } from "../streams/delivery/provider-gate.ts";
import type { SystemPorts } from "../streams/runtime/system-ports.ts";
import type { Config } from "./config/config.ts";

export const gatesOf = (
  { providers }: Pick<Config, "providers">,
  senders: ReadonlyMap<ChannelId, Pick<Sender, "provider" | "limits">>,
  ports: Pick<SystemPorts, "clock">,
): ReadonlyMap<ChannelId, ProviderGate> =>
  new Map(
    [...senders].map(([channel, { provider, limits }]) => {
      const breaker = providers.get(channel)?.breaker;
      return [
        channel,
        new ProviderGate({ provider, limits, ports, ...(breaker === undefined ? {} : { breaker }) }),
      ];
    }),
  );
