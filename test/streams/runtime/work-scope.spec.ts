import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WorkScope } from "../../../src/streams/runtime/work-scope.ts";

describe("a work scope", () => {
  it("is quiet when every call that began has ended", async () => {
    const scope = new WorkScope();
    scope.began();
    scope.began();
    let isQuiet = false;
    const quiet = scope.quiet().then(() => {
      isQuiet = true;
    });
    scope.ended();
    await Promise.resolve();
    expect(isQuiet).toBe(false);
    scope.ended();
    await quiet;
    await scope.quiet();
    expect(scope.running).toBe(0);
  });

  it("tells all that it watches and holds to stop, and who comes later at once", async () => {
    const scope = new WorkScope();
    const [watched, leftBefore, cameLater] = [
      new AbortController(),
      new AbortController(),
      new AbortController(),
    ];
    scope.watch(watched);
    scope.watch(leftBefore);
    scope.unwatch(leftBefore);
    const exits: string[] = [];
    const hold = (name: string): void => {
      scope.hold(Effect.runFork(Effect.never)).addObserver(() => exits.push(name));
    };
    hold("held before");
    scope.giveUp();
    scope.watch(cameLater);
    hold("held after");
    expect([watched, leftBefore, cameLater].map(({ signal }) => signal.aborted)).toEqual([true, false, true]);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(exits).toEqual(["held before", "held after"]);
  });

  it("does not interrupt what has ended, nor count what is only held", async () => {
    const scope = new WorkScope();
    const fiber = scope.hold(Effect.runFork(Effect.succeed("done")));
    scope.giveUp();
    expect(fiber.pollUnsafe()).toMatchObject({ _tag: "Success", value: "done" });
    await scope.quiet();
  });

  it("is quiet exactly when nothing runs, for everybody who asks, in every interleaving", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.nat({ max: 4 }),
        fc.scheduler(),
        async (calls, askers, scheduler) => {
          const scope = new WorkScope();
          for (let call = 0; call < calls; call += 1) scope.began();
          const told: number[] = [];
          const ends = Array.from({ length: calls }, (_, call) =>
            scheduler.schedule(Promise.resolve(), `call ${call} ends`).then(() => {
              scope.ended();
            }),
          );
          const asks = Array.from({ length: askers }, (_, asker) =>
            scheduler
              .schedule(Promise.resolve(), `asker ${asker} asks`)
              .then(() => scope.quiet())
              .then(() => told.push(scope.running)),
          );
          await scheduler.waitIdle();
          await Promise.all([...ends, ...asks]);
          expect(told).toEqual(Array.from({ length: askers }, () => 0));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
