/**
 * The HTTP side of a process from its first moment. Until the work has begun it says that this process lives, is not ready, and what
 * it waits for: whoever probes it lets it wait, and a port that is taken is said at once, not after the brokers have come. Then the
 * work's own parts are asked.
 */
import { Effect } from "effect";
import { Transient } from "../failure.ts";
import type { Config } from "./config/config.ts";
import type { ControlPorts } from "./control/control-ports.ts";
import { type ControlServer, openControlServer } from "./control/control-server.ts";
import type { Output } from "./output.ts";

export interface FrontDoor extends Pick<ControlServer, "close"> {
  /** Where it listens: `http://127.0.0.1:7330`. */
  readonly address: string;
  /** Says what is waited for, here and to whoever asks whether this process is ready. */
  readonly waits: (words: string) => void;
  /** The work has begun. */
  readonly open: (ports: Omit<ControlPorts, "health">) => void;
}

/** Whoever waits says so every few seconds: what was said longer ago is not waited for any more. */
const SAID_AGAIN_WITHIN_MS = 15_000;

export const openFrontDoor = async (
  http: Config["http"],
  output: Pick<Output, "say">,
  health: ControlPorts["health"],
): Promise<FrontDoor> => {
  let waitsFor = "";
  let saidMs = -Infinity;
  let isOpen = false;
  const reason = (): string =>
    performance.now() - saidMs < SAID_AGAIN_WITHIN_MS ? waitsFor : "this process is starting";
  const control = await openControlServer(http, {
    health,
    ready: Effect.sync(() => ({
      checks: [{ name: "started", ok: false, reason: reason() }],
      warnings: [],
    })),
    metrics: () => Promise.resolve(""),
    startRun: () => Effect.suspend(() => Effect.fail(new Transient({ message: reason(), code: "starting" }))),
    onBug: () => output.say("A mistake of ours kept a request from being answered."),
  });
  const address = `http://${control.host}:${control.port}`;
  return {
    address,
    waits: (words) => {
      output.say(words);
      if (waitsFor === "" && !isOpen)
        output.say(`Meanwhile /healthz and /readyz are answered, at ${address}.`);
      waitsFor = words;
      saidMs = performance.now();
    },
    open: (ports) => {
      isOpen = true;
      control.answerFrom({ health, ...ports });
    },
    close: control.close,
  };
};
