/**
 * Snippets that are compiled in a test, and what the compiler has to say of each: its messages are what an author works with.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { compile } from "../support/compiler.ts";

export interface Snippet {
  readonly code: string;
  /** Each must occur in one of the messages; none at all means that it compiles. */
  readonly says: readonly (readonly string[])[];
}

/** One case a snippet; all of them are compiled together. */
export const itSays = (
  title: string,
  preamble: string,
  snippets: Readonly<Record<string, Snippet>>,
): void => {
  describe(title, () => {
    const names = Object.keys(snippets);
    let messages: ReadonlyMap<string, readonly string[]> = new Map();
    beforeAll(async () => {
      messages = await compile(
        new Map(names.map((name, at) => [`snippet-${at}`, `${preamble}${snippets[name]?.code ?? ""}`])),
      );
      expect(messages.size).toBe(names.length);
    });

    it.each(names.map((name, at) => ({ name, at, says: snippets[name]?.says ?? [] })))(
      "about $name",
      ({ at, says }) => {
        const found = messages.get(`snippet-${at}`) ?? ["it was not compiled"];
        if (says.length === 0) expect(found).toEqual([]);
        for (const parts of says) {
          const said = found.some((message) => parts.every((part) => message.includes(part)));
          expect(said, found.join("\n\n") || "it compiles").toBe(true);
        }
      },
    );
  });
};
