import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { instant, runId } from "../../../src/domain/ids.ts";
import type { OpenedRun, Run } from "../../../src/domain/ports/runs.ts";
import { Permanent, Transient } from "../../../src/failure.ts";
import { secret } from "../../../src/service/config/secret.ts";
import { readyLook } from "../../../src/service/control/answers.ts";
import { openControlServer } from "../../../src/service/control/control-server.ts";
import { asking, calmPorts, serving } from "./asking.ts";

const run: Run = {
  ...{
    runId: runId("r-1"),
    key: "k",
    state: "open",
    cap: 5,
    openedBy: "api",
    openedAt: instant(0),
    closedAt: null,
  },
  policyVersion: null,
  figures: {
    ...{ pages: 0, candidates: 0, admitted: 0, published: 0, publishFailed: 0, heldBy: {}, putOff: 0 },
    ...{ suppressed: 0, expired: 0, pageMs: 0, publishMs: 0 },
  },
};
const post = (key: string | null, body?: string) => ({
  method: "POST",
  headers: key === null ? {} : { "idempotency-key": key },
  ...(body === undefined ? {} : { body }),
});
const codeOf = (body: string): unknown => (JSON.parse(body) as { code?: unknown }).code;

describe("POST /api/v1/runs", () => {
  it("opens one run for a key, however often it is asked, and says so", async () => {
    const opened = new Map<string, Run>();
    const { ask } = await serving({
      startRun: ({ key, cap }) =>
        Effect.sync((): OpenedRun => {
          const before = opened.get(key);
          if (before !== undefined) return { answer: "repeated", run: before };
          if (opened.size > 0) return { answer: "overlapping", run };
          opened.set(key, { ...run, key, cap: cap ?? 7 });
          return { answer: "opened", run: { ...run, key, cap: cap ?? 7 } };
        }),
    });
    const first = await ask("/api/v1/runs", post("monday", '{"cap": 3}'));
    expect([first.status, JSON.parse(first.body)]).toEqual([
      201,
      { run_id: "r-1", answer: "opened", state: "open", cap: 3 },
    ]);
    expect((await ask("/api/v1/runs", post("monday"))).status).toBe(200);
    const other = await ask("/api/v1/runs", post("tuesday"));
    expect(other.status).toBe(409);
    expect(JSON.parse(other.body)).toMatchObject({ code: "overlapping", run_id: "r-1" });
  });

  it.each([
    [null, undefined, 400, "no-key"],
    ["k".repeat(201), undefined, 400, "no-key"],
    ["k", "{", 400, "not-json"],
    ["k", '{"cap": 0}', 422, "wrong-order"],
    ["k", '{"cap": 1, "dry": true}', 422, "wrong-order"],
    ["k", "[]", 422, "wrong-order"],
    ["k", `"${"x".repeat(20_000)}"`, 413, "too-large"],
  ])("refuses what cannot be carried out, with what to send: %j %j", async (key, body, status, code) => {
    const { ask } = await serving({ startRun: () => Effect.succeed({ answer: "opened", run }) });
    const answered = await ask("/api/v1/runs", post(key, body));
    expect([answered.status, codeOf(answered.body)]).toEqual([status, code]);
    expect(answered.headers["content-type"]).toBe("application/problem+json");
  });

  it("never takes anything but an order for one, and always answers in JSON", async () => {
    const server = await openControlServer(
      { host: "127.0.0.1", port: 0, token: null },
      { ...calmPorts, startRun: () => Effect.succeed({ answer: "opened", run }) },
    );
    onTestFinished(() => server.close(0));
    const bodies = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
      fc.string(),
      fc.integer().map((cap) => JSON.stringify({ cap })),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { status, body: answer } = await asking(server.port, "/api/v1/runs", post("k", body));
        expect([201, 400, 422]).toContain(status);
        expect(JSON.parse(answer)).toBeTypeOf("object");
        if (status !== 201) return;
        const read = body.trim() === "" ? {} : (JSON.parse(body) as { cap?: unknown });
        expect(Object.keys(read).filter((name) => name !== "cap")).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("says not now where it may work later, and asks for the same key", async () => {
    const failure = new Transient({ message: "opening run k: the database is away", code: "sqlstate:57P01" });
    const { ask } = await serving({ startRun: () => Effect.fail(failure) });
    const { status, headers, body } = await ask("/api/v1/runs", post("k"));
    expect([status, headers["retry-after"]]).toEqual([503, "5"]);
    expect(body).toContain("ask again with the same key");
  });

  it("says that it is refused where asking again would not help", async () => {
    const { ask } = await serving({
      startRun: () => Effect.fail(new Permanent({ message: "no policy", code: "policy" })),
    });
    const { status, body } = await ask("/api/v1/runs", post("k"));
    expect([status, codeOf(body)]).toEqual([409, "policy"]);
  });

  it("sends to another process where this one opens no runs", async () => {
    const { ask } = await serving({ startRun: null });
    expect(codeOf((await ask("/api/v1/runs", post("k"))).body)).toBe("no-dispatch");
  });
});

describe("GET /readyz", () => {
  const closed = { name: "schema", ok: false, reason: "behind by 1: millrace migrate up" };

  it("is ready when every check is, with the warnings beside", async () => {
    const warnings = ["nobody runs upkeep"];
    const { ask } = await serving({ ready: Effect.succeed({ checks: [{ ...closed, ok: true }], warnings }) });
    const { status, body } = await ask("/readyz");
    expect([status, JSON.parse(body)]).toMatchObject([200, { ready: true, warnings }]);
  });

  it("is not ready when one is not, and says which and why", async () => {
    const { ask } = await serving({ ready: Effect.succeed({ checks: [closed], warnings: [] }) });
    const { status, body } = await ask("/readyz");
    expect([status, JSON.parse(body)]).toMatchObject([503, { ready: false, checks: [closed] }]);
  });

  it("asks once for all who ask at the same time, since a database in trouble must not be asked more", async () => {
    let asked = 0;
    let reached = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (reached = resolve));
    let answer = (): void => undefined;
    const look = readyLook({
      ...calmPorts,
      ready: Effect.callback((resume) => {
        asked += 1;
        answer = () => {
          resume(Effect.succeed({ checks: [], warnings: [] }));
        };
        reached();
      }),
    });
    const looks = [look(), look(), look()];
    await isAsked;
    looks.push(look());
    answer();
    expect(await Promise.all(looks)).toHaveLength(4);
    expect(asked).toBe(1);
  });

  it("is not ready when the check fails, in the failure's own words", async () => {
    const { ask } = await serving({
      ready: Effect.fail(new Transient({ message: "asking the database: refused" })),
    });
    expect(JSON.parse((await ask("/readyz")).body)).toMatchObject({
      checks: [{ ok: false, reason: "asking the database: refused" }],
    });
  });
});

describe("every request", () => {
  it.each([
    ["GET", "/nowhere", 404, "unknown-path"],
    ["GET", "/constructor", 404, "unknown-path"],
    ["DELETE", "/metrics", 405, "wrong-method"],
    ["GET", "/api/v1/runs", 405, "wrong-method"],
  ])("%s %s is answered with %i", async (method, path, status, code) => {
    const { ask } = await serving();
    const answered = await ask(path, { method });
    expect([answered.status, codeOf(answered.body)]).toEqual([status, code]);
  });

  it("by HEAD gets the headers only", async () => {
    const { ask } = await serving();
    expect(await ask("/metrics", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
  });

  it("without the token learns yes or no, and no more", async () => {
    const { ask } = await serving({}, { token: secret("a-token-of-sixteen") });
    expect(JSON.parse((await ask("/healthz")).body)).toEqual({ alive: true });
    expect(JSON.parse((await ask("/readyz")).body)).toEqual({ ready: true });
    for (const path of ["/metrics", "/api/v1/runs"]) {
      const method = path === "/metrics" ? "GET" : "POST";
      expect(
        await ask(path, { method, headers: { authorization: "Bearer a-token-of-sixteem" } }),
      ).toMatchObject({
        status: 401,
        headers: { "www-authenticate": 'Bearer realm="millrace"' },
      });
    }
  });
});
