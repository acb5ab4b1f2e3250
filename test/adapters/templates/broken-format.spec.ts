/**
 * A bug in a format strikes every notice. It is thrown, not given as a failure of the notice, so the pipeline's breaker
 * counts it and stops the intake: a bad deployment is not to end as five thousand dead letters.
 */
import { describe, expect, it } from "vitest";
import type { TemplateFormat } from "../../../src/adapters/templates/template-formats.ts";
import { deadLetter, fromIterable, memoryDeadLetters, pipeline } from "../../../src/index.ts";
import { period } from "../../../src/domain/ids.ts";
import type { TemplateStore } from "../../../src/domain/ports/template-store.ts";
import type { Opened } from "../../../src/streams/delivery/bodies.ts";
import { renderNotice } from "../../../src/streams/delivery/render-notice.ts";
import { requestOf, storeOf } from "./sets.ts";

const NOTICES = 5_000;
const CREDITS = 100;
/** The breaker's own: so many throws are still taken for bad records. */
const BUGS = 20;

/** A format with a bug in it, and a value that it does not come back from. */
const careless: TemplateFormat = {
  takes: [{ kinds: ["text"] }],
  gives: "text",
  write: ([text]) => {
    const parts = String(text).split("@")[1]?.split(".") ?? (null as unknown as string[]);
    return parts.join(" ");
  },
};

const store = storeOf(
  { text: "{{careless name}}", variables: { name: "text" }, version: "v1" },
  { careless },
);

const opened = (name: unknown): Opened => {
  const { channel, bill } = requestOf({ ...(name === null ? {} : { name }) });
  const notice = { channel, period: period(202611), noticeId: "n" };
  return { notice, contents: { billId: "b", purpose: "bill" }, bill } as unknown as Opened; // what rendering looks at
};

const delivered = async (templates: TemplateStore, names: readonly unknown[]) => {
  const sink = memoryDeadLetters();
  const running = pipeline({
    name: "render",
    source: fromIterable("notices", names.map(opened)),
    window: { credits: CREDITS },
    flow: (notices) => notices.pipe(renderNotice({ templates })),
    diversions: { "render-notice": deadLetter },
    deadLetters: sink,
  }).start();
  const ended = await running.done.then(
    () => "to its end",
    (error: unknown) => String(error),
  );
  return { ended, letters: sink.letters };
};

describe("a format with a bug", () => {
  it("stops the intake, and leaves all but a few notices as they were", async () => {
    const names = new Array<string>(NOTICES).fill("nobody");
    const { ended, letters } = await delivered(store, names);
    expect(ended).toContain("unexpected throws");
    expect(ended).toContain("stage render-notice: TypeError at");
    expect(letters.length).toBeLessThanOrEqual(BUGS + CREDITS);
    expect(letters.every(({ failure }) => failure === "Bug")).toBe(true);
  });

  it("is not what a bill is that misses a variable: of those there may be any number", async () => {
    const { ended, letters } = await delivered(store, new Array<null>(NOTICES).fill(null));
    expect(ended).toBe("to its end");
    expect(letters).toHaveLength(NOTICES);
    expect(letters.every(({ failure }) => failure === "Permanent")).toBe(true);
  });
});
