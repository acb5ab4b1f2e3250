import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Effect, Exit, Result } from "effect";
import { expect, it } from "vitest";
import { bindingOf, loadBinding, RDKAFKA_VERSION } from "../../../../src/adapters/kafka/rdkafka/binding.ts";

// our own file
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../package.json"), "utf8")) as {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
};

it("a package that is missing is a failure that says how to install it", async () => {
  const loaded = await Effect.runPromise(Effect.result(bindingOf("a-package-that-nobody-has")));
  expect(Result.isFailure(loaded) && loaded.failure).toMatchObject({
    _tag: "Permanent",
    code: "kafka:no-client",
  });
  expect(Result.isFailure(loaded) && loaded.failure.message).toContain("npm install node-rdkafka@3.6.1");
});

it("the version that is asked for is the one that is declared, and nobody has to have it", () => {
  expect(manifest.peerDependencies["node-rdkafka"]).toBe(RDKAFKA_VERSION);
  expect(manifest.peerDependenciesMeta["node-rdkafka"]).toEqual({ optional: true });
});

const isThere = Exit.isSuccess(await Effect.runPromiseExit(loadBinding));

it.skipIf(!isThere)("a package that is there has what is called of it", async () => {
  const { KafkaConsumer, Producer, AdminClient } = await Effect.runPromise(loadBinding);
  const has = (made: object, names: readonly string[]): void => {
    for (const name of names) expect(made, name).toHaveProperty(name, expect.any(Function));
  };
  const shared = ["connect", "disconnect", "isConnected", "getMetadata", "queryWatermarkOffsets", "on"];
  has(KafkaConsumer.prototype as object, [
    ...shared,
    ...["subscribe", "setDefaultConsumeTimeout", "consume", "assign", "unassign", "pause", "resume", "seek"],
    ...["commit", "committed", "getWatermarkOffsets"],
  ]);
  has(Producer.prototype as object, [...shared, "produce", "poll"]);
  expect(AdminClient.create).toEqual(expect.any(Function));
});
