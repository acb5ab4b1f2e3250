/** Who wants to hear of something. */
import { describe, expect, it } from "vitest";
import { Listeners } from "../../../src/streams/delivery/listeners.ts";

describe("Listeners", () => {
  it("tells everybody who listens, until they stop, also while they are being told", () => {
    const listeners = new Listeners<number>();
    const heard: string[] = [];
    const stop = listeners.add((told) => {
      heard.push(`once ${told}`);
      stop();
    });
    listeners.add((told) => heard.push(`always ${told}`));
    listeners.tell(1);
    listeners.tell(2);
    expect(heard).toEqual(["once 1", "always 1", "always 2"]);
  });
});
