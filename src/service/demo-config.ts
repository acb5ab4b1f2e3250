/**
 * What a demonstration does otherwise than a service, where nobody has written anything else: its windows are short, so that whoever
 * kills it sees within seconds of the next start how its doubts resolve themselves.
 */
import type { Config, LoadedConfig } from "./config/config.ts";

const SHORT = {
  "delivery.leaseMs": 4_000,
  "delivery.sendWindowMs": 3_000,
  "delivery.answerWindowMs": 5_000,
  "upkeep.answerWindowMs": 5_000,
} as const;

export const demoConfig = ({ config, effective }: LoadedConfig): Config => {
  const isDefault = (path: keyof typeof SHORT): boolean =>
    effective.some((each) => each.path === path && each.origin.from === "default");
  const short = (path: keyof typeof SHORT, value: number): number => (isDefault(path) ? SHORT[path] : value);
  const { delivery, upkeep } = config;
  return {
    ...config,
    delivery: {
      ...delivery,
      leaseMs: short("delivery.leaseMs", delivery.leaseMs),
      sendWindowMs: short("delivery.sendWindowMs", delivery.sendWindowMs),
      answerWindowMs: short("delivery.answerWindowMs", delivery.answerWindowMs),
    },
    // a demonstration needs nothing but itself
    kafka: { ...config.kafka, brokers: null },
    upkeep: { ...upkeep, answerWindowMs: short("upkeep.answerWindowMs", upkeep.answerWindowMs) },
  };
};
