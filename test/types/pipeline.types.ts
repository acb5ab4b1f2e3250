/**
 * What the compiler infers through a flow, with no cast and no annotation, and what it refuses. Nothing here is run: `tsc`
 * is the test, and an expected error that does not come is an error itself. The words of the errors are in
 * `messages.spec.ts`.
 */
import { Effect, Result } from "effect";
import { filter, map, type Observable, tap } from "rxjs";
import {
  batchStage,
  byFailure,
  type DeadLetterSink,
  deadLetter,
  type Diversion,
  type DiversionAnswers,
  done,
  type Failure,
  fallBack,
  fromIterable,
  type LiteralName,
  type OffsetSource,
  Permanent,
  pipeline,
  type PullSource,
  type Rail,
  retryLater,
  type Stage,
  stage,
  step,
  type Transient,
} from "millrace";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare const expectType: <Expected>() => <Actual>(value: Actual, same: Same<Actual, Expected>) => void;

interface Letter {
  readonly to: string;
}
interface Receipt {
  readonly id: number;
}

declare const numbers: Observable<Rail<number>>;
declare const source: OffsetSource<number>;
declare const queue: PullSource<Letter>;
declare const deadLetters: DeadLetterSink;
declare const post: (letter: Letter) => Promise<Receipt>;
declare const paid: Effect.Effect<Receipt, Permanent | Transient>;

// Stages: the name is literal, the value is what the work comes to, however it answers.
const render = step({ name: "render", work: (n: number): Letter => ({ to: String(n) }) });
expectType<Stage<"render", number, Letter>>()(render, true);
const send = stage({ name: "send", work: post });
expectType<Stage<"send", Letter, Receipt>>()(send, true);
const pay = stage({ name: "pay", work: (_letter: Letter) => paid });
expectType<Stage<"pay", Letter, Receipt>>()(pay, true);
const plain = stage({ name: "plain", work: (letter: Letter) => letter.to.length });
expectType<Stage<"plain", Letter, number>>()(plain, true);
const mixed = stage({ name: "mixed", work: (n: number) => (n > 1 ? Promise.resolve("late") : "now") });
expectType<Stage<"mixed", number, string>>()(mixed, true);
const refuse = stage({
  name: "refuse",
  work: (n: number): Effect.Effect<never, Failure> => Effect.fail(new Permanent({ message: `not ${n}` })),
});
expectType<Stage<"refuse", number, never>>()(refuse, true);
const claim = batchStage({
  name: "claim",
  work: async (letters: readonly Letter[]) =>
    letters.map(({ to }) =>
      to === "" ? Result.fail(new Permanent({ message: "nobody" })) : Result.succeed(to),
    ),
});
expectType<Stage<"claim", Letter, string>>()(claim, true);

// Through a flow: bodies change, ways out add up, own operators of RxJS go between.
const flowed = numbers.pipe(render, send);
expectType<Observable<Rail<Receipt, Diversion<"render", number> | Diversion<"send", Letter>>>>()(
  flowed,
  true,
);
const watched = numbers.pipe(
  render,
  tap((rail) => {
    if (Result.isSuccess(rail)) expectType<Letter>()(rail.success.body, true);
    else expectType<Diversion<"render", number>>()(rail.failure, true);
  }),
  filter((rail) => Result.isSuccess(rail)),
  map((rail) => rail.success.body.to),
);
expectType<Observable<string>>()(watched, true);

// A fall-back starts from the body that the first way was given.
const sms = stage({ name: "sms", work: (letter: Letter) => Promise.resolve(`sms to ${letter.to}`) });
const either = numbers.pipe(render, send, fallBack({ from: "send", when: () => true, to: sms }));
expectType<
  Observable<
    Rail<Receipt | string, Diversion<"render", number> | Diversion<"send", Letter> | Diversion<"sms", Letter>>
  >
>()(either, true);
const anything = stage({ name: "log", work: (_given: unknown) => null });
numbers.pipe(render, fallBack({ from: "render", when: () => true, to: anything }));
const twice = numbers.pipe(
  render,
  send,
  fallBack({ from: "send", when: ({ _tag }) => _tag === "Permanent", to: sms }),
  fallBack({ from: "sms", when: ({ _tag }) => _tag === "Bug", to: claim }),
);
expectType<
  Observable<
    Rail<
      Receipt | string,
      | Diversion<"render", number>
      | Diversion<"send", Letter>
      | Diversion<"sms", Letter>
      | Diversion<"claim", Letter>
    >
  >
>()(twice, true);

// Parts of a flow as functions of their own, whatever comes before them.
const prepare = (items: Observable<Rail<number>>) => items.pipe(render);
const deliver = <D extends Diversion>(letters: Observable<Rail<Letter, D>>) =>
  letters.pipe(send, fallBack({ from: "send", when: () => true, to: sms }));
expectType<typeof either>()(numbers.pipe(prepare, deliver), true);

// The answers: one for each way out, which knows its stage and its body.
type Ways = Diversion<"render", number> | Diversion<"send", Letter>;
expectType<"render" | "send">()({} as keyof DiversionAnswers<Ways>, true); // only its type is looked at
pipeline({
  name: "delivery",
  source,
  flow: (items) => items.pipe(render, send),
  diversions: {
    render: (diversion) => {
      expectType<"render">()(diversion.stage, true);
      expectType<number>()(diversion.envelope.body, true);
      return deadLetter();
    },
    send: byFailure({
      Transient: ({ retryAfterMs }) => retryLater(retryAfterMs ?? 60_000, 5),
      Postponed: ({ untilMs }) => retryLater(untilMs, 5),
      Permanent: deadLetter,
      Unconfirmed: deadLetter,
      Undecodable: deadLetter,
      Bug: ({ stack }) => {
        expectType<string>()(stack, true);
        return deadLetter();
      },
    }),
  },
  deadLetters,
});
pipeline({ name: "nothing to answer", source, flow: (items) => items, diversions: {}, deadLetters });
pipeline({
  name: "from a queue",
  source: queue,
  flow: (letters) => letters.pipe(send),
  diversions: { send: done },
  deadLetters,
  window: { credits: 10 },
});
expectType<OffsetSource<number>>()(fromIterable("numbers", [1, 2]), true);

// What is refused.
// @ts-expect-error a letter is sent, not a number
numbers.pipe(send);
// @ts-expect-error the claim takes letters
numbers.pipe(claim);
// @ts-expect-error nothing is diverted at "sent"
numbers.pipe(render, send, fallBack({ from: "sent", when: () => true, to: sms }));
// @ts-expect-error what "render" was given is a number
numbers.pipe(render, send, fallBack({ from: "render", when: () => true, to: sms }));
const renderAgain = stage({ name: "render", work: post });
// @ts-expect-error two stages are named "render", and one of them was given a number
numbers.pipe(render, renderAgain, fallBack({ from: "render", when: () => true, to: sms }));
numbers.pipe(render, renderAgain, fallBack({ from: "render", when: () => true, to: anything }));
declare const anyName: string;
declare const numbered: `send-${number}`;
declare const oneOfTwo: "send" | "pay";
const chosen = stage({ name: oneOfTwo, work: (letter: Letter) => letter.to });
expectType<Stage<"send" | "pay", Letter, string>>()(chosen, true);
// @ts-expect-error the compiler does not know its name
stage({ name: anyName, work: (letter: Letter) => letter.to });
// @ts-expect-error nor which of them
stage({ name: numbered, work: (letter: Letter) => letter.to });
// @ts-expect-error a step has one, too
step({ name: anyName, work: (n: number) => n });
// @ts-expect-error and a batch stage
batchStage({ name: anyName, work: (ns: readonly number[]) => ns.map(() => Result.succeed(1)) });
/** Whoever makes stages of any name passes the demand on. */
export const counted = <const Name extends string>(options: { readonly name: Name } & LiteralName<Name>) =>
  stage<Name, Letter, number>({ ...options, work: ({ to }) => to.length });
export const countedOne: Stage<"count", Letter, number> = counted({ name: "count" });
// @ts-expect-error an effect fails with a `Failure`
stage({ name: "pay", work: (_n: number) => Effect.fail("no") });
// @ts-expect-error so does an item of a batch
batchStage({ name: "pay", work: (ns: readonly number[]) => ns.map(() => Result.fail("no")) });
// @ts-expect-error and the batch itself
batchStage({ name: "pay", work: (_ns: readonly number[]) => Effect.fail("no") });
// @ts-expect-error every item of a batch has an outcome
batchStage({ name: "pay", work: (ns: readonly number[]) => ns });
// @ts-expect-error a step answers at once
step({ name: "wait", work: (n: number) => Promise.resolve(n) });
// @ts-expect-error and does not run effects
step({ name: "wait", work: (n: number) => Effect.succeed(n) });
// @ts-expect-error every kind of failure has an answer
byFailure({ Transient: done, Permanent: done, Unconfirmed: done, Undecodable: done, Postponed: done });
const five = { Transient: done, Permanent: done, Unconfirmed: done, Undecodable: done, Postponed: done };
byFailure({ ...five, Bug: done });
byFailure({
  Transient: done,
  Permanent: done,
  Unconfirmed: done,
  Undecodable: done,
  Postponed: done,
  Bug: done,
  // @ts-expect-error there is no such kind
  Temporary: done,
});
// @ts-expect-error every way out has an answer
pipeline({ name: "a", source, flow: (ns) => ns.pipe(render), diversions: {}, deadLetters });
pipeline({
  name: "a",
  source,
  flow: (n) => n.pipe(render),
  // @ts-expect-error only ways out have answers
  diversions: { render: done, sent: done },
  deadLetters,
});
// @ts-expect-error dead letters have to go somewhere
pipeline({ name: "a", source, flow: (ns) => ns, diversions: {} });
// @ts-expect-error the flow starts from what the source brings
pipeline({ name: "a", source, flow: (ns) => ns.pipe(send), diversions: { send: done }, deadLetters });
// @ts-expect-error items stay on the rail to the end of the flow
pipeline({ name: "a", source, flow: (ns) => ns.pipe(map(() => 1)), diversions: {}, deadLetters });
