/**
 * When a notice that may not leave now may leave again, by the rules in force and the recipient's own; empty where they do not say.
 */
import { Result } from "effect";
import type { Instant } from "../../domain/ids.ts";
import { openWindow } from "../../domain/quiet-hours.ts";
import { readOwnQuietHours } from "../../domain/quiet-hours-own.ts";
import type { Claimed } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";

/** @param openForMs where it is open for no longer than this, it counts as closed: at once it would be turned away again */
export const reopensAt = (
  { policies }: Pick<SendPorts, "policies">,
  { contents }: Claimed,
  openForMs = 0,
): Instant | null => {
  const active = policies.active();
  const own = readOwnQuietHours(contents.routing["quietHours"]);
  if (active === null || Result.isFailure(own)) return null;
  const now = policies.now();
  const window = openWindow(active, own.success, now);
  if (!window.open) return window.reopensAt ?? window.closedUntil;
  if (window.openUntil > now + openForMs) return null;
  const quiet = openWindow(active, own.success, window.openUntil);
  return quiet.open ? null : (quiet.reopensAt ?? quiet.closedUntil);
};
