/**
 * How long a right to send may be used.
 */
import { describe, expect, it } from "vitest";
import { sendWindow } from "../../../src/streams/delivery/send-window.ts";
import { SEND_WINDOW_MS } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

describe("sendWindow", () => {
  it("is over when it has elapsed on either clock, and when the wall clock has gone back", async () => {
    const world = await worldWith();
    const { clock } = world;
    const ports = world.ports();
    const byElapsed = sendWindow(ports);
    await clock.advance(SEND_WINDOW_MS - 1);
    expect(byElapsed()).toBe(true);
    await clock.advance(1);
    expect(byElapsed()).toBe(false);
    const byWall = sendWindow(ports);
    clock.stepWall(SEND_WINDOW_MS);
    expect(byWall()).toBe(false);
    const stepped = sendWindow(ports);
    clock.stepWall(-1);
    expect(stepped()).toBe(false);
  });
});
