/**
 * The providers, and what their promises mean for doubts. A gateway's door is knocked at: a connection is opened and closed, and
 * nothing is asked, so nothing can be sent by it.
 */
import { connect } from "node:net";
import type { ProviderTerms } from "../../domain/attempt.ts";
import type { Config } from "../config/config.ts";
import type { ProviderConfig } from "../config/providers.ts";
import { longInWords } from "../long-in-words.ts";
import { broken, fine, type Finding, worthKnowing } from "./finding.ts";

const KNOCK_WITHIN_MS = 3_000;

export const checkProviders = (config: Config): Promise<readonly Finding[]> =>
  Promise.all([...config.providers.values()].map((provider) => checkProvider(provider, config.production)));

const checkProvider = async (provider: ProviderConfig, production: boolean): Promise<Finding> => {
  const check = `provider ${provider.channel}`;
  const promise = promiseInWords(provider.terms);
  if (provider.kind === "simulated") {
    const words = `simulated, nobody gets anything; ${promise}`;
    return production
      ? worthKnowing(check, words, `write http-gateway in providers.${provider.channel}.kind`)
      : fine(check, words);
  }
  const { hostname, port, protocol, host } = new URL(provider.url);
  const trouble = await knock(
    hostname.replace(/^\[|\]$/g, ""),
    Number(port) || (protocol === "https:" ? 443 : 80),
  );
  return trouble === null
    ? fine(check, `${host} answers; ${promise}`)
    : broken(
        check,
        `${host} cannot be reached (${trouble}); ${promise}`,
        `look at providers.${provider.channel}.url and at the way there; until then its notices wait, and none fails`,
      );
};

const knock = (host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (trouble: string | null): void => {
      socket.destroy();
      resolve(trouble);
    };
    socket.setTimeout(KNOCK_WITHIN_MS, () => end(`nothing within ${KNOCK_WITHIN_MS} ms`));
    socket.once("connect", () => end(null));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? "unknown trouble"));
  });

/** The class and Δ, as what becomes of a doubt. */
export const promiseInWords = (terms: ProviderTerms): string => {
  const delta =
    terms.deltaMs === "never"
      ? "no time is evidence (Δ never)"
      : `what has left is accepted within ${longInWords(terms.deltaMs)} or never (Δ)`;
  switch (terms.class) {
    case "A":
      return `class A: for ${longInWords(terms.windowMs)} a repeat of a request is not sent again, so doubts resolve themselves; ${delta}`;
    case "B":
      return `class B: for ${longInWords(terms.findableMs)} it can be asked what it accepted; ${delta}${
        terms.deltaMs === "never"
          ? ", so a doubt that is not found waits for an operator"
          : ", so doubts resolve themselves"
      }`;
    case "C":
      return `class C: it cannot be asked, so every doubt waits for an operator; ${delta}`;
  }
};
