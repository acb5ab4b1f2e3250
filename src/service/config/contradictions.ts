/**
 * What is wrong with a configuration although each of its settings can be read: it forbids what it asks for, promises
 * what cannot be kept, or takes what is for a first try into production.
 */
import { isIP } from "node:net";
import type { ChannelId } from "../../domain/ids.ts";
import type { Config } from "./config.ts";
import { kafkaContradictions } from "./kafka-contradictions.ts";
import { type ConfigError, type Origin, placeOf } from "./written.ts";

/** What is known of how the configuration came about. */
export interface Provenance {
  readonly originOf: (path: string) => Origin;
  /** Its default stands where something unreadable was written. */
  readonly isUnreadable: (path: string) => boolean;
  /** Of which something was written, readable or not, or that are there by default. */
  readonly channels: readonly ChannelId[];
}

export const contradictionsIn = (
  config: Config,
  { originOf, isUnreadable, channels }: Provenance,
): readonly ConfigError[] => {
  const errors: ConfigError[] = [];
  /** @param beside other settings that it rests on; where one of them could not be read, nothing is concluded */
  const wrong = (path: string, problem: string, fix: string, ...beside: readonly string[]): void => {
    if ([path, ...beside].some(isUnreadable)) return;
    errors.push({ place: placeOf(originOf(path)), path, problem, fix });
  };
  const { database, delivery, upkeep, serve, http, keys } = config;

  if (config.production) {
    if (database.url === null) {
      wrong(
        "database.url",
        "is missing, and production takes no embedded server",
        "set MILLRACE_DATABASE_URL",
      );
    }
    for (const channel of channels) {
      const path = `providers.${channel}.kind`;
      if (originOf(path).from === "default") {
        wrong(
          path,
          "is missing, and a simulated provider sends nothing",
          "write http-gateway, or simulated on purpose",
        );
      }
    }
    if (keys.file === null && keys.inline === null) {
      wrong(
        "keys.file",
        "is missing, and production takes no development key",
        "set MILLRACE_KEYS_FILE",
        "keys.inline",
      );
    }
  }
  if (keys.file !== null && keys.inline !== null) {
    wrong("keys.inline", "is written beside keys.file", "remove one of the two", "keys.file");
  }
  if (database.idleInTransactionMs >= database.statementTimeoutMs) {
    const fix = `write less than database.statementTimeoutMs (${database.statementTimeoutMs})`;
    wrong(
      "database.idleInTransactionMs",
      "is not shorter than a statement may take",
      fix,
      "database.statementTimeoutMs",
    );
  }
  if (upkeep.answerWindowMs < delivery.answerWindowMs) {
    const fix = `write at least delivery.answerWindowMs (${delivery.answerWindowMs})`;
    wrong(
      "upkeep.answerWindowMs",
      "is over while the sender still waits for the answer",
      fix,
      "delivery.answerWindowMs",
    );
  }
  const oneSendMs = delivery.sendWindowMs + delivery.answerWindowMs;
  if (serve.drainDeadlineMs < oneSendMs) {
    const fix = `write at least ${oneSendMs}, which is delivery.sendWindowMs and delivery.answerWindowMs`;
    wrong(
      "serve.drainDeadlineMs",
      "is shorter than one send can take",
      fix,
      "delivery.sendWindowMs",
      "delivery.answerWindowMs",
    );
  }
  kafkaContradictions(config, wrong);
  for (const channel of delivery.channels ?? []) {
    if (!channels.includes(channel)) {
      wrong(
        "delivery.channels",
        `names ${channel}, which has no provider`,
        `write providers.${channel}, or leave it out`,
      );
    }
  }
  if (!isLoopback(http.host) && http.token === null) {
    wrong(
      "http.host",
      "can be reached from other machines, and there is no token",
      "set MILLRACE_HTTP_TOKEN, or listen on 127.0.0.1",
      "http.token",
    );
  }
  return errors;
};

/** Reached from this machine only. A name other than `localhost` may mean anything. */
export const isLoopback = (host: string): boolean => {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
};
