/** Compile errors as an author of a pipeline reads them: each must name what is to be mended. */
import { itSays, type Snippet } from "./snippets.ts";

const PREAMBLE = `
import { Effect, Result } from "effect";
import type { Observable } from "rxjs";
import {
  batchStage, byFailure, deadLetter, type Diversion, fallBack, fromIterable, memoryDeadLetters, type OffsetSource,
  Permanent, pipeline, type QueueSource, type Rail, retryLater, stage, step, Transient,
} from "millrace";
interface Letter { readonly to: string }
const source = fromIterable("numbers", [1, 2, 3]);
const deadLetters = memoryDeadLetters();
const render = step({ name: "render", work: (n: number): Letter => ({ to: String(n) }) });
const send = stage({ name: "send", work: async (letter: Letter) => letter.to.length });
const sms = stage({ name: "sms", work: async (letter: Letter) => letter.to });
const count = batchStage({
  name: "count",
  work: async (letters: readonly Letter[]) => letters.map(({ to }) => Result.succeed(to.length)),
});
`;

const delivery = (more: string): string =>
  `pipeline({ name: "delivery", source, deadLetters, ${more} }).start();`;

const SNIPPETS: Readonly<Record<string, Snippet>> = {
  "a pipeline as it should be": {
    code: delivery(
      `flow: (numbers) => numbers.pipe(render, send), diversions: { render: deadLetter, send: deadLetter }`,
    ),
    says: [],
  },
  "a pipeline without stages": {
    code: delivery(`flow: (numbers) => numbers, diversions: {}`),
    says: [],
  },
  "a part of a flow as a function of its own, with a fall-back in it": {
    code: `
      const deliver = <D extends Diversion>(letters: Observable<Rail<Letter, D>>) =>
        letters.pipe(send, fallBack({ from: "send", when: () => true, to: sms }));
      ${delivery(`flow: (numbers) => numbers.pipe(render, deliver),
        diversions: { render: deadLetter, send: deadLetter, sms: deadLetter }`)}`,
    says: [],
  },
  "two stages in the wrong order": {
    code: delivery(
      `flow: (numbers) => numbers.pipe(send, render), diversions: { render: deadLetter, send: deadLetter }`,
    ),
    says: [
      [
        `'Stage<"send", Letter, number>'`,
        `'Rail<number>'`,
        "Type 'number' is not assignable to type 'Letter'",
      ],
    ],
  },
  "a batch stage in the wrong place": {
    code: delivery(`flow: (numbers) => numbers.pipe(count), diversions: { count: deadLetter }`),
    says: [[`'Stage<"count", Letter, number>'`, "Type 'number' is not assignable to type 'Letter'"]],
  },
  "a diversion without an answer": {
    code: delivery(`flow: (numbers) => numbers.pipe(render, send), diversions: { render: deadLetter }`),
    says: [["Property 'send' is missing", `Diversion<"send", Letter>`]],
  },
  "a misspelt diversion": {
    code: delivery(
      `flow: (numbers) => numbers.pipe(render, send), diversions: { render: deadLetter, sent: deadLetter }`,
    ),
    says: [["'sent' does not exist in type", `Diversion<"send", Letter>`]],
  },
  "an answer that is none": {
    code: delivery(`flow: (numbers) => numbers.pipe(render), diversions: { render: () => "dead" }`),
    says: [["Type 'string' is not assignable to type 'Disposition'"]],
  },
  "a pipeline without a name": {
    code: `pipeline({ source, deadLetters, flow: (n) => n.pipe(render), diversions: { render: deadLetter } });`,
    says: [["Property 'name' is missing"]],
  },
  "a pipeline without a source": {
    code: `pipeline({ name: "a", deadLetters, flow: (n) => n, diversions: {} });`,
    says: [["Property 'source' is missing"]],
  },
  "a pipeline without dead letters": {
    code: `pipeline({ name: "a", source, flow: (n) => n.pipe(render), diversions: { render: deadLetter } });`,
    says: [["Property 'deadLetters' is missing"]],
  },
  "a pipeline without diversions": {
    code: `pipeline({ name: "a", source, deadLetters, flow: (n) => n.pipe(render) });`,
    says: [["Property 'diversions' is missing"]],
  },
  "a misspelt option of a pipeline": {
    code: delivery(`flow: (numbers) => numbers, diversions: {}, windows: { credits: 5 }`),
    says: [["'windows' does not exist in type", "PipelineOptions"]],
  },
  "a source without a port's method": {
    code: `const { commit, ...rest } = source; const mine: OffsetSource<number> = rest;`,
    says: [["Property 'commit' is missing", "OffsetSource<number>"]],
  },
  "a queue source that fails with something else than a failure": {
    code: `declare const queue: QueueSource<number>;
      const mine: QueueSource<number> = { ...queue, settle: () => Effect.fail("no") };`,
    says: [["Type 'string' is not assignable to type 'Failure'"]],
  },
  "a fall-back from a stage that is not there": {
    code: delivery(`flow: (n) => n.pipe(render, send, fallBack({ from: "sent", when: () => true, to: sms })),
      diversions: { render: deadLetter, send: deadLetter, sms: deadLetter }`),
    says: [[`fallBack: no stage before it is named \\"sent\\"`, `"render" | "send"`]],
  },
  "a fall-back before the stage": {
    code: delivery(`flow: (n) => n.pipe(render, fallBack({ from: "send", when: () => true, to: sms }), send),
      diversions: { render: deadLetter, send: deadLetter, sms: deadLetter }`),
    says: [[`fallBack: no stage before it is named \\"send\\"`, `"render"`]],
  },
  "a fall-back that cannot start from there": {
    code: delivery(`flow: (n) => n.pipe(render, send, fallBack({ from: "render", when: () => true, to: sms })),
      diversions: { render: deadLetter, send: deadLetter, sms: deadLetter }`),
    says: [[`fallBack: its \\"to\\" cannot start from what stage \\"render\\" was given", number>`]],
  },
  "a fall-back that can start from some of it only": {
    code: `const both = stage({ name: "both", work: (given: Letter | number) => given });
      ${delivery(`flow: (n) => n.pipe(both, fallBack({ from: "both", when: () => true, to: sms })),
      diversions: { both: deadLetter, sms: deadLetter }`)}`,
    says: [[`cannot start from what stage \\"both\\" was given", number | Letter>`]],
  },
  "a fall-back from a name that two stages have": {
    code: delivery(`flow: (n) => n.pipe(render, stage({ name: "render", work: (letter: Letter) => letter }), send,
        fallBack({ from: "render", when: () => true, to: sms })),
      diversions: { render: deadLetter, send: deadLetter, sms: deadLetter }`),
    says: [
      [
        `fallBack: two stages before it are named \\"render\\", and its \\"to\\" cannot start from what one of them`,
        "number>",
      ],
    ],
  },
  "a fall-back from a name that two stages have, which starts from either": {
    code: `const log = stage({ name: "log", work: (_either: number | Letter) => null });
      ${delivery(`flow: (n) => n.pipe(render, stage({ name: "render", work: (letter: Letter) => letter }),
        fallBack({ from: "render", when: () => true, to: log })),
      diversions: { render: deadLetter, log: deadLetter }`)}`,
    says: [],
  },
  "a kind of failure forgotten": {
    code: `byFailure({ Transient: () => retryLater(60_000, 5), Permanent: deadLetter, Unconfirmed: deadLetter, Undecodable: deadLetter });`,
    says: [["missing the following properties", "': Bug, Postponed"]],
  },
  "an effect that fails with something else than a failure": {
    code: `stage({ name: "pay", work: (n: number) => Effect.fail(new Error("no")) });`,
    says: [["Type 'Error' is not assignable to type 'Failure'"]],
  },
  "an effect that may fail with something else than a failure": {
    code: `declare const paid: Effect.Effect<string, Transient | RangeError>; stage({ name: "pay", work: (n: number) => paid });`,
    says: [["Type 'RangeError' is not assignable to type 'Failure'"]],
  },
  "an effect that needs a service nobody provides": {
    code: `declare const paid: Effect.Effect<string, Transient, "bank">; stage({ name: "pay", work: (n: number) => paid });`,
    says: [[`Type '"bank"' is not assignable to type 'never'`]],
  },
  "a batch that answers with values instead of outcomes": {
    code: `batchStage({ name: "claim", work: async (ns: readonly number[]) => ns.map((n) => n) });`,
    says: [["Type 'number' is not assignable to type 'Result<unknown, Failure>'"]],
  },
  "a batch whose items fail with something else than a failure": {
    code: `batchStage({ name: "claim", work: async (ns: readonly number[]) => ns.map(() => Result.fail(new Error("no"))) });`,
    says: [["Type 'Error' is not assignable to type 'Failure'"]],
  },
  "a step that answers with a promise": {
    code: `step({ name: "look-up", work: async (n: number) => n });`,
    says: [["a step answers at once: use stage() for a promise or an effect"]],
  },
  "a step that answers with an effect": {
    code: `step({ name: "look-up", work: (n: number) => Effect.succeed(n) });`,
    says: [["a step answers at once: use stage() for a promise or an effect"]],
  },
  "a stage without a name": {
    code: `stage({ work: (n: number) => n });`,
    says: [["Property 'name' is missing"]],
  },
  "a stage whose name the compiler does not know": {
    code: `declare const name: string; stage({ name, work: (n: number) => n });`,
    says: [["Type 'string' is not assignable to type", "'\"a stage's name must be a literal"]],
  },
  "a step whose name the compiler does not know": {
    code: `declare const name: string; step({ name, work: (n: number) => n });`,
    says: [["Type 'string' is not assignable to type", "'\"a stage's name must be a literal"]],
  },
  "a batch stage whose name the compiler does not know": {
    code: `declare const name: string;
      batchStage({ name, work: (ns: readonly number[]) => ns.map((n) => Result.succeed(n)) });`,
    says: [["Type 'string' is not assignable to type", "'\"a stage's name must be a literal"]],
  },
  "a stage without work": {
    code: `stage({ name: "idle" });`,
    says: [["Property 'work' is missing"]],
  },
  "a misspelt limit of a stage": {
    code: `stage({ name: "slow", work: (n: number) => n, timeout: 5 });`,
    says: [["'timeout' does not exist in type", "StageOptions"]],
  },
};

itSays("what the compiler says", PREAMBLE, SNIPPETS);
