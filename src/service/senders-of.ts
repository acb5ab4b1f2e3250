/**
 * A sender for each configured provider.
 */
import { httpGateway } from "../adapters/providers/http-gateway.ts";
import { simulatedSender } from "../adapters/providers/simulated.ts";
import type { ChannelId } from "../domain/ids.ts";
import { reveal } from "../domain/masking-sensitive.ts";
import type { ProviderJournal } from "../domain/ports/provider-journal.ts";
import type { Sender } from "../domain/ports/sender.ts";
import type { Config } from "./config/config.ts";
import type { ProviderConfig } from "./config/providers.ts";

export const sendersOf = (config: Config, journal: ProviderJournal | null): ReadonlyMap<ChannelId, Sender> =>
  new Map([...config.providers].map(([channel, provider]) => [channel, senderOf(config, provider, journal)]));

const senderOf = (
  { delivery }: Config,
  provider: ProviderConfig,
  journal: ProviderJournal | null,
): Sender => {
  const { channel, name, terms, perSecond, maxInFlight } = provider;
  const { sendWindowMs, answerWindowMs } = delivery;
  const limits = { maxInFlight, perSecond, sendWindowMs, answerWindowMs };
  switch (provider.kind) {
    case "simulated": {
      if (journal === null) throw new Error("a simulated provider needs a journal");
      const { deltaMs, ...providerClass } = terms;
      const { failureShare, unknownShare, lostAnswerShare, seed, latencyMs } = provider;
      return simulatedSender({
        ...{ channel, journal, provider: name, seed, latencyMs, deltaMs, limits },
        class: providerClass,
        faults: { rejectedShare: failureShare, unknownShare, lostAnswerShare },
      });
    }
    case "http-gateway": {
      const { deltaMs, ...providerClass } = terms;
      const { url, lookUpUrl, credential, credentialHeader } = provider;
      return httpGateway({
        ...{ channel, provider: name, url, lookUpUrl, deltaMs, limits },
        class: providerClass,
        headers: credential === null ? {} : { [credentialHeader]: reveal(credential) },
      });
    }
  }
};
