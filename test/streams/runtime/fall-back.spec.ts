import { Result } from "effect";
import fc from "fast-check";
import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { Permanent, Transient, Unconfirmed } from "../../../src/failure.ts";
import { fallBack } from "../../../src/streams/runtime/fall-back.ts";
import type { Diversion, DivertedBy, Rail } from "../../../src/streams/runtime/rail.ts";
import { stage } from "../../../src/streams/runtime/stage.ts";
import { LoneHost } from "../../support/lone-host.ts";

type ByEmail = Diversion<"send-email", string>;
type Before = Diversion<"render", number>;

const isDefiniteNo = ({ _tag }: DivertedBy): boolean => _tag === "Permanent";

class Bench {
  readonly host = new LoneHost();
  readonly entry = new Subject<Rail<string, ByEmail | Before>>();
  readonly out: Rail<string, Diversion>[] = [];
  readonly bySms: string[] = [];
  completions = 0;
  error: unknown = null;

  constructor(when: (failure: DivertedBy) => boolean = isDefiniteNo, smsFails = false) {
    const sendSms = stage({
      name: "send-sms",
      work: async (body: string) => {
        this.bySms.push(body);
        if (smsFails) throw new Permanent({ message: "no such number" });
        return `sms ${body}`;
      },
    });
    this.entry.pipe(fallBack({ from: "send-email", when, to: sendSms })).subscribe({
      next: (rail) => this.out.push(rail),
      complete: () => {
        this.completions += 1;
      },
      error: (error: unknown) => {
        this.error = error;
      },
    });
  }

  get came(): readonly string[] {
    return this.out.map((rail) =>
      Result.isSuccess(rail) ? rail.success.body : `${rail.failure.stage}: ${rail.failure.failure._tag}`,
    );
  }

  divert(body: string, failure: DivertedBy): void {
    this.entry.next(Result.fail({ stage: "send-email", failure, envelope: this.host.envelope(body) }));
  }
}

const no = new Permanent({ message: "no such mailbox" });

describe("falling back", () => {
  it("gives what one stage diverted a second way, beginning from what that stage was given", async () => {
    const bench = new Bench();
    bench.divert("bill", no);
    await bench.host.clock.settle();
    expect(bench.bySms).toEqual(["bill"]);
    expect(bench.came).toEqual(["sms bill"]);
  });

  it("never takes what it is not for: other failures, other stages, and what is on its way", async () => {
    const bench = new Bench();
    bench.divert("doubtful", new Unconfirmed({ message: "the line broke" }));
    bench.divert("busy", new Transient({ message: "busy" }));
    bench.entry.next(Result.fail({ stage: "render", failure: no, envelope: bench.host.envelope(1) }));
    bench.entry.next(bench.host.item("email"));
    await bench.host.clock.settle();
    expect(bench.bySms).toEqual([]);
    expect(bench.came).toEqual([
      "send-email: Unconfirmed",
      "send-email: Transient",
      "render: Permanent",
      "email",
    ]);
  });

  it("diverts under the second stage's name what fails there too", async () => {
    const bench = new Bench(isDefiniteNo, true);
    bench.divert("bill", no);
    await bench.host.clock.settle();
    expect(bench.came).toEqual(["send-sms: Permanent"]);
  });

  it("completes when both ways are empty, and not before", async () => {
    const bench = new Bench();
    bench.divert("bill", no);
    bench.entry.complete();
    expect(bench.completions).toBe(0);
    await bench.host.clock.settle();
    expect(bench.came).toEqual(["sms bill"]);
    expect(bench.completions).toBe(1);
  });

  it("lets every item out exactly once, by one way or the other", async () => {
    const item = fc.constantFrom("email", "Permanent", "Transient", "Unconfirmed", "earlier");
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 30 }), fc.boolean(), async (items, smsFails) => {
        const bench = new Bench(isDefiniteNo, smsFails);
        for (const [index, what] of items.entries()) {
          if (what === "email") bench.entry.next(bench.host.item(`${index}`));
          else if (what === "Permanent") bench.divert(`${index}`, no);
          else if (what === "Transient") bench.divert(`${index}`, new Transient({ message: "busy" }));
          else if (what === "Unconfirmed") bench.divert(`${index}`, new Unconfirmed({ message: "?" }));
          else
            bench.entry.next(
              Result.fail({ stage: "render", failure: no, envelope: bench.host.envelope(index) }),
            );
        }
        bench.entry.complete();
        await bench.host.clock.settle();
        const records = bench.out.map(
          (rail) => (Result.isSuccess(rail) ? rail.success : rail.failure.envelope).ticket.record,
        );
        expect([...records].sort()).toEqual(items.map((_, index) => `0@${index}`).sort());
        expect(bench.bySms).toEqual(
          items.flatMap((what, index) => (what === "Permanent" ? [`${index}`] : [])),
        );
        expect(bench.completions).toBe(1);
      }),
      { numRuns: 1000 },
    );
  });

  it("diverts as a bug an item over which its own rule throws: no process ends of that, and no other item", async () => {
    const bug = new TypeError("x is not a function");
    const bench = new Bench(({ message }) => {
      if (message === "odd") throw bug;
      return true;
    });
    bench.divert("odd bill", new Permanent({ message: "odd" }));
    bench.divert("bill", no);
    await bench.host.clock.settle();
    expect(bench.came).toEqual(["send-email: Bug", "sms bill"]);
    expect(bench.host.bugs).toEqual([{ stage: "send-email", error: bug }]);
    bench.host.isBreakerOpen = true;
    bench.divert("another odd bill", new Permanent({ message: "odd" }));
    expect(bench.host.handedBack).toMatchObject([{ record: "0@2" }]);
  });

  it("passes the error of its source on", () => {
    const bench = new Bench();
    bench.entry.error(no);
    expect(bench.error).toBe(no);
  });
});
