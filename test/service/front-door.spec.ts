import { Effect } from "effect";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ControlPorts } from "../../src/service/control/control-ports.ts";
import { openFrontDoor } from "../../src/service/front-door.ts";
import { asking } from "./control/asking.ts";

const health = (): ReturnType<ControlPorts["health"]> => ({ version: "1.2.3", upMs: 5 });

const opened = async () => {
  const said: string[] = [];
  const http = { host: "127.0.0.1", port: 0, token: null, requestTimeoutMs: 10_000 };
  const door = await openFrontDoor(http, { say: (words) => void said.push(words) }, health);
  onTestFinished(() => door.close(0));
  const port = Number(new URL(door.address).port);
  const startRun = () =>
    asking(port, "/api/v1/runs", { method: "POST", headers: { "idempotency-key": "the-first" } });
  return { door, said, ask: (path: string) => asking(port, path), startRun };
};

const READY = { checks: [{ name: "database", ok: true, reason: null }], warnings: [] };
const work: Omit<ControlPorts, "health"> = {
  ready: Effect.succeed(READY),
  metrics: () => Promise.resolve("notices 3\n"),
  startRun: null,
  onBug: (error) => {
    throw error;
  },
};

describe("the HTTP side of a process that is starting", () => {
  it("says that it lives, and what it waits for, until the work answers for itself", async () => {
    const { door, ask } = await opened();
    const waiting = (reason: string) => ({
      ready: false,
      checks: [{ name: "started", ok: false, reason }],
      warnings: [],
    });
    expect(JSON.parse((await ask("/healthz")).body)).toEqual({ alive: true, version: "1.2.3", up_ms: 5 });
    const before = await ask("/readyz");
    expect([before.status, JSON.parse(before.body)]).toEqual([503, waiting("this process is starting")]);

    door.waits("waiting for the brokers, for 3 s now");
    expect(JSON.parse((await ask("/readyz")).body)).toEqual(waiting("waiting for the brokers, for 3 s now"));

    door.open(work);
    const after = await ask("/readyz");
    expect([after.status, JSON.parse(after.body)]).toEqual([200, { ready: true, ...READY }]);
    expect((await ask("/metrics")).body).toBe("notices 3\n");
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("puts off whoever wants a run, until it may be opened", async () => {
    const { door, startRun } = await opened();
    const early = await startRun();
    expect(early.status).toBe(503);
    expect(early.headers["retry-after"]).toBeDefined();
    expect(JSON.parse(early.body)).toMatchObject({ code: "starting" });
    const run = { runId: "run-1", state: "open", cap: 10 };
    // of a run only this is answered
    const answered = { answer: "opened", run } as unknown as Effect.Success<
      ReturnType<Exclude<ControlPorts["startRun"], null>>
    >;
    door.open({ ...work, startRun: () => Effect.succeed(answered) });
    expect((await startRun()).status).toBe(201);
  });

  it("tells once where it is asked meanwhile, and not of what is waited for later", async () => {
    const { door, said } = await opened();
    door.waits("waiting for the database");
    door.waits("waiting for the brokers");
    const told = `Meanwhile /healthz and /readyz are answered, at ${door.address}.`;
    expect(said).toEqual(["waiting for the database", told, "waiting for the brokers"]);

    const quick = await opened();
    quick.door.open(work);
    quick.door.waits("the database is away");
    expect(quick.said).toEqual(["the database is away"]);
  });
});
