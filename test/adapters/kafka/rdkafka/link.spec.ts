import { describe, expect, it } from "vitest";
import type { ClientLine } from "../../../../src/adapters/kafka/cluster-options.ts";
import { Link } from "../../../../src/adapters/kafka/rdkafka/link.ts";
import { ScriptedConsumer } from "../../../support/scripted-rdkafka.ts";

const linked = () => {
  const said: ClientLine[] = [];
  const scripted = new ScriptedConsumer({});
  const cluster = { brokers: ["a.example:9092"], said: (line: ClientLine) => said.push(line) };
  return { said, scripted, link: new Link(scripted.client(), cluster) };
};
const NEVER = (): void => undefined;

describe("a client of librdkafka", () => {
  it("is connected when it says so, and is gone when it is closed, however often", async () => {
    const { scripted, link } = linked();
    await link.open();
    await Promise.all([link.close(), link.close()]);
    expect(scripted.calls).toEqual(["disconnect"]);
  });

  it.each([
    ["sasl://a:1/bootstrap: SASL authentication error: Authentication failed", "SASL_AUTHENTICATION_FAILED"],
    [
      "a: handshake failed: Broker: Unsupported SASL mechanism: broker's supported …",
      "UNSUPPORTED_SASL_MECHANISM",
    ],
    ["a: handshake failed: Broker: Request not valid in current SASL state: …", "ILLEGAL_SASL_STATE"],
    ["a: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: …", "CERT_UNTRUSTED"],
  ])("waits for nothing any more once it has said %s", async (message, type) => {
    const { scripted, link } = linked();
    await link.open();
    const asked = link.asking(NEVER);
    scripted.say({ severity: 3, fac: "FAIL", message });
    await expect(asked).rejects.toMatchObject({ type });
    await link.close();
  });

  it("waits on where it says that a broker is away, which passes", async () => {
    const { scripted, link } = linked();
    await link.open();
    let isOver = false;
    link.refused.then(
      () => (isOver = true),
      () => undefined,
    );
    for (const message of ["a: Connect to ipv4#127.0.0.1:1 failed: Connection refused", "a: Disconnected"])
      scripted.say({ severity: 3, fac: "FAIL", message });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    await link.close();
  });

  it("hands on what it says, by how grave it is, and keeps what is for its makers", async () => {
    const { said, scripted, link } = linked();
    await link.open();
    for (const severity of [1, 3, 4, 5, 6, 7])
      scripted.say({ severity, fac: "X", message: String(severity) });
    expect(said.map(({ level, message }) => `${message} ${level}`)).toEqual([
      ...["1 error", "3 error", "4 warn", "5 info", "6 info"],
    ]);
    await link.close();
  });

  it("hands on an answer, and an error by its name", async () => {
    const { link } = linked();
    await link.open();
    expect(await link.asking<number>((answer) => answer(null, 7))).toBe(7);
    const refused = link.asking((answer) => answer({ code: 29, message: "" }, null));
    await expect(refused).rejects.toMatchObject({ type: "TOPIC_AUTHORIZATION_FAILED" });
    await link.close();
  });
});
