/**
 * When a notice may leave, by the rules in force and the recipient's own: the gate of a right to send, and when one that was shut
 * opens again. Both are empty where the rules do not say.
 */
import { Result } from "effect";
import type { Instant } from "../../domain/ids.ts";
import type { Gate } from "../../domain/lifecycle/commands.ts";
import { type OpenWindow, openWindow } from "../../domain/quiet-hours.ts";
import { readOwnQuietHours } from "../../domain/quiet-hours-own.ts";
import type { Claimed } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";

type RulePorts = Pick<SendPorts, "policies">;

/** The interval around now in which the rules let it leave. */
export const gateFor = (ports: RulePorts, claimed: Claimed): Gate | null => {
  const active = ports.policies.active();
  const window = windowAt(ports, claimed, ports.policies.now());
  if (active === null || window?.open !== true) return null;
  return { policyVersion: active.version, openFrom: window.openFrom, openUntil: window.openUntil };
};

/** @param openForMs where it is open for no longer than this, it counts as closed: at once it would be turned away again */
export const reopensAt = (ports: RulePorts, claimed: Claimed, openForMs = 0): Instant | null => {
  const now = ports.policies.now();
  const window = windowAt(ports, claimed, now);
  if (window === null) return null;
  if (!window.open) return window.reopensAt ?? window.closedUntil;
  if (window.openUntil > now + openForMs) return null;
  const quiet = windowAt(ports, claimed, window.openUntil);
  return quiet === null || quiet.open ? null : (quiet.reopensAt ?? quiet.closedUntil);
};

const windowAt = ({ policies }: RulePorts, { contents }: Claimed, at: Instant): OpenWindow | null => {
  const active = policies.active();
  const own = readOwnQuietHours(contents.routing["quietHours"]);
  return active === null || Result.isFailure(own) ? null : openWindow(active, own.success, at);
};
