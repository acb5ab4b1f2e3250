import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import { expireNotices } from "../../../src/streams/upkeep/expire-notices.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./world.ts";

const SOON = instant(START + 15_000);

describe("expireNotices", () => {
  it("ends what is past its time, wherever it waits, and nothing that has left", async () => {
    const world = await worldWith();
    const duty = expireNotices(world.ports, world.limits());
    await world.ingest("ready", { expiresAt: SOON });
    await world.queued("queued", { expiresAt: SOON });
    await world.claimed("claimed", { expiresAt: SOON });
    await world.sending("sending", { expiresAt: SOON });
    await world.queued("lasting");
    await world.turn(duty);
    expect(world.view("ready").notice.status).toBe("ready");
    await world.clock.advance(15_000);
    expect(await world.turn(duty)).toEqual({ found: 3, changed: 3, more: false });
    for (const id of ["ready", "queued", "claimed"]) expect(world.view(id).notice.status).toBe("expired");
    expect(world.view("sending").notice.status).toBe("sending");
    expect(world.view("lasting").notice.status).toBe("queued");
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
  });

  it("takes a page at a time, and says that there is more", async () => {
    const world = await worldWith();
    const duty = expireNotices(world.ports, world.limits({ pageCount: 2 }));
    for (const id of ["a", "b", "c"]) await world.ingest(id, { expiresAt: SOON });
    await world.clock.advance(15_000);
    expect(await world.turn(duty)).toEqual({ found: 2, changed: 2, more: true });
    await world.turn(duty);
    expect(["a", "b", "c"].map((id) => world.view(id).notice.status)).toEqual([
      "expired",
      "expired",
      "expired",
    ]);
  });
});
