/** The topics by the command line: without brokers, on a broker, and on one that asks who we are. */
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kafkaClient } from "../../../src/adapters/kafka/kafkajs/client.ts";
import { topicsCommand } from "../../../src/service/commands/topics.ts";
import { cluster, describeOnKafka, freshName } from "../../support/kafka.ts";
import { describeOnOwnBroker, type OwnBroker, ownBroker } from "../../support/own-broker.ts";
import { calling, lastLine } from "../calling.ts";

type Environment = Readonly<Record<string, string>>;
const at = (environment: Environment) => calling([topicsCommand], { environment });

/** Names that nobody else uses on this broker. */
const ownTopics = (): Environment & Record<"MILLRACE_KAFKA_REQUEST_TOPIC", string> => ({
  MILLRACE_KAFKA_REQUEST_TOPIC: freshName("request"),
  MILLRACE_KAFKA_RESULT_TOPIC: freshName("result"),
  MILLRACE_KAFKA_DEAD_LETTER_TOPIC: freshName("dead-letter"),
  MILLRACE_KAFKA_REPLICATION: "1",
});

describe("millrace topics, without a broker", () => {
  it("plans all the same, and says that nobody uses the topics", async () => {
    const { code, out } = await at({})("topics", "plan");
    expect(code).toBe(0);
    expect(out).toContain(
      "millrace.request.email: 8 partitions, 3 copies of each, kept 7 days, records of up to 65536 bytes\n",
    );
    expect(out).toContain("kafka.brokers is not set, so Postgres is the log");
    const named = at({ MILLRACE_KAFKA_BROKERS: "127.0.0.1:1", MILLRACE_KAFKA_OTHER_PARTITIONS: "2" });
    expect((await named("topics", "plan")).out).not.toContain("Nobody");
    expect(lastLine(await named("topics", "plan", "--json"))).toMatchObject({
      topics: expect.arrayContaining([
        expect.objectContaining({ name: "millrace.result", partitions: 2 }),
      ]) as unknown,
    });
  });

  it.each(["check", "create"])("%s is refused with the setting that is missing", async (what) => {
    const called = await at({})("topics", what, "--json");
    expect(called.code).toBe(3);
    expect(called.error).toContain("set kafka.brokers, or MILLRACE_KAFKA_BROKERS, to addresses such as");
    expect(lastLine(called)).toMatchObject({ error: { ending: "refused" } });
  });

  it("says that two topics would have one name before anybody is asked", async () => {
    const twice = at({ MILLRACE_KAFKA_RESULT_TOPIC: "millrace.request.sms" });
    const { code, error } = await twice("topics", "plan");
    expect(code).toBe(2);
    expect(error).toContain("kafka.deadLetterTopic two topics have one name");
  });

  it("says where to look when nobody listens there, and when somebody else does", async () => {
    // it takes the connection and hangs up, as a port of another kind may
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const somebodyElse = at({ MILLRACE_KAFKA_BROKERS: `127.0.0.1:${port}` });
    const nobody = at({ MILLRACE_KAFKA_BROKERS: "127.0.0.1:1" });
    for (const called of await Promise.all([nobody("topics", "check"), somebodyElse("topics", "create")])) {
      expect(called.code).toBe(1);
      expect(called.error).toContain("look at kafka.brokers (MILLRACE_KAFKA_BROKERS)");
    }
    await new Promise((resolve) => server.close(resolve));
  });
});

describeOnKafka("millrace topics, on a broker", () => {
  const brokers = cluster.brokers.join(",");

  it("checks, creates, checks again, adds partitions, and says each time what there is", async () => {
    const environment = { ...ownTopics(), MILLRACE_KAFKA_BROKERS: brokers };
    const call = at(environment);
    const sms = `${environment.MILLRACE_KAFKA_REQUEST_TOPIC}.sms`;
    const first = await call("topics", "check");
    expect(first.code).toBe(1);
    expect(first.out).toContain(`mend  there is no topic ${sms}: make it with "millrace topics create"\n`);
    expect(first.out).toMatch(/4 topics looked at, 4 to mend, 0 to know about\n$/);

    const made = await call("topics", "create");
    expect(made).toMatchObject({ code: 0 });
    expect(made.out).toContain(`Made ${sms}.\n`);
    expect(await call("topics", "create")).toMatchObject({ code: 0, out: "Nothing was missing.\n" });
    const checked = await call("topics", "check");
    expect(checked.code).toBe(0);
    expect(checked.out).toContain(`ok    topic ${sms}: 8 partitions, 1 copy of each\n`);

    const larger = at({ ...environment, MILLRACE_KAFKA_REQUEST_PARTITIONS: "10" });
    expect(await larger("topics", "check")).toMatchObject({ code: 1 });
    expect((await larger("topics", "create")).out).toContain(`Gave ${sms} 10 partitions; it had 8.\n`);
    expect(await larger("topics", "check")).toMatchObject({ code: 0 });
    // more than planned is nobody's trouble
    expect(await call("topics", "check")).toMatchObject({ code: 0 });
  });

  it("notes what can be lived with, and ends with 0", async () => {
    const environment = { ...ownTopics(), MILLRACE_KAFKA_BROKERS: brokers };
    await at(environment)("topics", "create");
    const month = { ...environment, MILLRACE_KAFKA_RETENTION_MS: "2592000000" };
    const { code, out } = await at(month)("topics", "check");
    expect(code).toBe(0);
    expect(out).toMatch(/^note {2}topic .* keeps records 604800000 ms, not 2592000000/m);
    expect(out).toContain("0 to mend, 4 to know about");
  });

  it("says which setting asks for more copies than there are brokers", async () => {
    const environment = { ...ownTopics(), MILLRACE_KAFKA_BROKERS: brokers, MILLRACE_KAFKA_REPLICATION: "7" };
    const called = await at(environment)("topics", "create", "--json");
    expect(called.code).toBe(3);
    expect(called.error).toContain(
      "set kafka.replication (MILLRACE_KAFKA_REPLICATION) to at most their number",
    );
    expect(lastLine(called)).toMatchObject({ error: { ending: "refused" } });
  });

  it("says that a topic takes records smaller than ours, which create does not change", async () => {
    const environment = { ...ownTopics(), MILLRACE_KAFKA_BROKERS: brokers };
    const topic = `${environment.MILLRACE_KAFKA_REQUEST_TOPIC}.email`;
    const admin = kafkaClient(cluster).admin();
    await admin.connect();
    const configEntries = [{ name: "max.message.bytes", value: "1000" }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 8, replicationFactor: 1, configEntries }] });
    await admin.disconnect();

    const made = await at(environment)("topics", "create");
    expect(made.code).toBe(5);
    expect(made.out).toContain(`mend  topic ${topic} takes 1000 bytes, and 65536 are needed: raise its`);
    expect(await at(environment)("topics", "create")).toMatchObject({ code: 1 });
    expect(await at(environment)("topics", "check")).toMatchObject({ code: 1 });
  });
});

describeOnOwnBroker("millrace topics, on a broker that asks who we are", () => {
  const USER = "millrace";
  const SECRET = "the-right-secret";
  let broker: OwnBroker;
  /** Whoever comes by the plain port may do everything; the user of the other one, nothing. */
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
  });
  afterAll(() => broker.close());
  const environment = (password = SECRET): Environment => ({
    MILLRACE_KAFKA_BROKERS: `127.0.0.1:${broker.ports.more[0]}`,
    MILLRACE_KAFKA_SASL: "plain",
    MILLRACE_KAFKA_USERNAME: USER,
    MILLRACE_KAFKA_PASSWORD: password,
    MILLRACE_KAFKA_REPLICATION: "1",
  });

  it("says which settings a wrong password is in, and shows it nowhere", async () => {
    const called = await at(environment("a-wrong-secret"))("topics", "check");
    expect(called.code).toBe(3);
    expect(called.error).toContain("MILLRACE_KAFKA_USERNAME and MILLRACE_KAFKA_PASSWORD");
    expect(called.error + called.out).not.toContain("a-wrong-secret");
  });

  it("says that the port speaks SASL only, to whoever does not", async () => {
    const { MILLRACE_KAFKA_BROKERS = "" } = environment();
    const called = await at({ MILLRACE_KAFKA_BROKERS })("topics", "check");
    expect(called.code).not.toBe(0);
    expect(called.error).toMatch(/kafka\.(brokers|sasl)/);
  });

  it("says which rights are missing", async () => {
    const made = await at(environment())("topics", "create");
    expect(made.code).toBe(3);
    expect(made.error).toContain("Describe, DescribeConfigs, Create and Alter");
    const checked = await at(environment())("topics", "check");
    expect(checked.code).toBe(1);
    expect(checked.out).toContain("A topic looks missing, too, where the user of kafka.username");
  });

  it("says which rights are missing on topics that are there", async () => {
    const plain = { MILLRACE_KAFKA_BROKERS: broker.address, MILLRACE_KAFKA_REPLICATION: "1" };
    expect(await at(plain)("topics", "create")).toMatchObject({ code: 0 });
    const made = await at(environment())("topics", "create");
    expect(made.code).toBe(3);
    expect(made.error).toContain("AUTHORIZATION_FAILED");
  });
});
