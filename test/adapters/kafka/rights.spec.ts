/** A member that may join its group and may not read its topic: it is let in again and again, and waits longer each time. */
import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import type { ClusterOptions } from "../../../src/adapters/kafka/cluster-options.ts";
import type { LogEvent } from "../../../src/adapters/kafka/log-events.ts";
import { describeOnOwnBroker, type OwnBroker, ownBroker } from "../../support/own-broker.ts";
import { describeByClient } from "../../support/kafka-clients.ts";

const USER = "reader";
const SECRET = "the-right-secret";
const topicOf = (client: string): string => `not-for-reading-by-${client}`;
const groupOf = (client: string): string => `readers-by-${client}`;

describeOnOwnBroker("a broker that lets us into the group and not into the topic", () => {
  let broker: OwnBroker;
  const grant = (on: "topic" | "group", name: string, ...operations: readonly string[]): Promise<void> =>
    broker.tool(
      ...["org.apache.kafka.tools.AclCommand", "--bootstrap-server", broker.address, "--add"],
      ...["--allow-principal", `User:${USER}`, `--${on}`, name],
      ...operations.flatMap((operation) => ["--operation", operation]),
    );
  beforeAll(async () => {
    broker = await ownBroker(({ plain, controller, more: [sasl] }) => {
      const brokers = `BROKER://127.0.0.1:${plain},SASL://127.0.0.1:${sasl}`;
      return [
        `listeners=${brokers},CONTROLLER://127.0.0.1:${controller}`,
        `advertised.listeners=${brokers}`,
        "listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms=PLAIN",
        `listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${SECRET}";`,
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:ANONYMOUS",
      ].join("\n");
    });
    for (const client of ["kafkajs", "rdkafka"]) {
      await Promise.all([
        grant("topic", topicOf(client), "Describe"),
        grant("group", groupOf(client), "Read"),
      ]);
    }
  }, 180_000);
  afterAll(() => broker.close());

  describeByClient(describe, "read", (client) => {
    it("is asked again with a back-off, and read when the right was given", async () => {
      const [topic, groupId] = [topicOf(client), groupOf(client)];
      const open = (await Effect.runPromise(openKafka(client, { brokers: [broker.address] }))).topics();
      const plan = { name: topic, partitions: 1, replication: 1, retentionMs: 60_000, recordBytes: 1_000 };
      await Effect.runPromise(open.create([plan]));
      await Effect.runPromise(open.close);

      const waits: number[] = [];
      const codes = new Set<string>();
      let thirdWait: () => void = () => undefined;
      const hasWaitedThrice = new Promise<void>((resolve) => (thirdWait = resolve));
      let joinedAgain: (() => void) | null = null;
      let isIn = false;
      const told = (event: LogEvent): void => {
        if (event.type === "group:join:done") {
          isIn = true;
          joinedAgain?.();
        }
        if (event.type !== "broker:away:seen") return;
        isIn = false;
        // while its coordinator is being found there is another reason to wait
        if (event.code === "kafka:TOPIC_AUTHORIZATION_FAILED") waits.push(event.inMs);
        codes.add(event.code);
        if (waits.length === 3) thirdWait();
      };
      const cluster: ClusterOptions = {
        brokers: [`127.0.0.1:${broker.ports.more[0]}`],
        sasl: { mechanism: "plain", username: USER, password: SECRET },
      };
      const log = await Effect.runPromise(openKafka(client, cluster));
      const source = log.source({ topic, groupId, body: () => "read", told });
      const deaf = { assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined };
      await Effect.runPromise(source.open(deaf));
      await hasWaitedThrice;
      expect(codes).toContain("kafka:TOPIC_AUTHORIZATION_FAILED");
      const [first = 0, second = 0, third = 0] = waits;
      expect([second / first, third / second]).toEqual([2, 2]);

      await grant("topic", topic, "Read");
      // the right holds before the program that has given it ends, so the member may be in by now
      if (!isIn) await new Promise<void>((resolve) => (joinedAgain = resolve));
      await Effect.runPromise(source.close);
    }, 60_000);
  });
});
