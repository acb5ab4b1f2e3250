/**
 * A reader of a topic that knows its name and nothing else of us, as somebody outside would write it.
 */
import { Kafka, logLevel } from "kafkajs";
import { cluster, freshName } from "./kafka.ts";

/** The values of a topic from its beginning, once there are so many. */
export const valuesOf = async (topic: string, count: number): Promise<readonly Buffer[]> => {
  const kafka = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: freshName("reader") });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const values: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          if (message.value !== null) values.push(message.value);
          if (values.length >= count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
};
