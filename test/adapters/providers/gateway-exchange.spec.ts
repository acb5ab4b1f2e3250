import { Agent } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DelayWheel } from "../../../src/adapters/providers/delay-wheel.ts";
import { exchange, type Exchanged } from "../../../src/adapters/providers/gateway-exchange.ts";
import { systemPorts } from "../../../src/streams/runtime/system-ports.ts";

/** What the server does with the next request: it ends the connection after so many bytes heard and said. */
interface Script {
  readonly hearBytes: number;
  readonly sayBytes: number;
  readonly ending: "fin" | "reset";
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"id":"m-1"}';
const BODY = JSON.stringify({ text: "x".repeat(200) });

describe("an exchange with a gateway", () => {
  const { clock } = systemPorts;
  const wheel = new DelayWheel(clock);
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Socket>();
  let script: Script = { hearBytes: Infinity, sayBytes: Infinity, ending: "fin" };
  let heardBytes = 0;
  let saidBytes = 0;
  let url = new URL("http://127.0.0.1:1/");

  const server = createServer((socket) => {
    sockets.add(socket);
    let heard = "";
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    const end = (): void => {
      if (script.ending === "reset") socket.resetAndDestroy();
      else socket.end(() => socket.destroy());
    };
    socket.on("data", (chunk) => {
      heardBytes += chunk.length;
      heard += chunk.toString("latin1");
      const isWhole = heard.endsWith(BODY);
      if (heardBytes < script.hearBytes && !isWhole) return;
      if (!isWhole) {
        end();
        return;
      }
      heard = "";
      const said = ANSWER.slice(0, script.sayBytes);
      saidBytes = said.length;
      if (said.length === ANSWER.length) socket.write(said);
      else if (said.length === 0) end();
      else socket.write(said, end);
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // a server that listens on a port has an address of this kind
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(async () => {
    agent.destroy();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const asked = (mayStillLeave: () => boolean = () => true) => {
    heardBytes = 0;
    saidBytes = 0;
    return exchange({
      ...{ url, body: BODY, mayStillLeave, clock, wheel, maxAnswerBytes: 1_000 },
      ...{ connectWithinMs: 5_000, answerWithinMs: 5_000 },
      request: { method: "POST", agent, headers: { "content-length": BODY.length } },
    });
  };

  it("is answered when the whole answer has come", async () => {
    expect(await asked().exchanged).toMatchObject({
      kind: "answered",
      answer: { status: 200, body: '{"id":"m-1"}' },
    });
  });

  it("never says that nothing left when something did, nor that it was answered when it was not", async () => {
    const cut = fc.record({
      hearBytes: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(Infinity)),
      sayBytes: fc.oneof(fc.nat({ max: ANSWER.length - 1 }), fc.constant(Infinity)),
      ending: fc.constantFrom("fin" as const, "reset" as const),
      mayLeave: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 3 }), async (cuts) => {
        for (const { mayLeave, ...next } of cuts) {
          script = next;
          const how: Exchanged = await asked(() => mayLeave).exchanged;
          if (!mayLeave) expect([how.kind, heardBytes]).toEqual(["not-left", 0]);
          if (how.kind === "not-left") expect(heardBytes).toBe(0);
          if (how.kind === "answered") expect(saidBytes).toBe(ANSWER.length);
          if (how.kind === "cut-off") expect(saidBytes).toBeLessThan(ANSWER.length);
        }
      }),
      { numRuns: 1_000 },
    );
    script = { hearBytes: Infinity, sayBytes: Infinity, ending: "fin" };
  });

  it("ends as what it is when it is cut: not left before it has, unknown afterwards", async () => {
    const early = asked();
    early.cut("stopped");
    expect(await early.exchanged).toEqual({ kind: "not-left", trouble: null, words: "stopped" });
    script = { hearBytes: Infinity, sayBytes: Infinity, ending: "fin" };
    const late = asked(() => {
      queueMicrotask(() => late.cut("stopped"));
      return true;
    });
    expect(await late.exchanged).toEqual({ kind: "cut-off", words: "stopped" });
    const over = asked();
    const how = await over.exchanged;
    over.cut("stopped");
    expect(how.kind).toBe("answered");
  });
});
