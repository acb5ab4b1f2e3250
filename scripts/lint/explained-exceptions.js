/**
 * A lint rule of the house: a comment that switches a check off says why.
 *
 * `oxlint-disable…` wants its reason after `--`, `@ts-expect-error` wants one behind the word, and `@ts-ignore` and
 * `@ts-nocheck` have no place at all, because they stay silent when the error they hid is gone. An exception without
 * its reason is kept for ever, since nobody knows when it may go.
 */

const LINT_OFF = /^\s*(eslint|oxlint)-disable/;
const LINT_REASON = /\s--\s+\S/;
const TS_EXPECT = /^[/\s*]*@ts-expect-error/;
const TS_REASON = /@ts-expect-error\W+\w.{8,}/;
const TS_SILENT = /^[/\s*]*@ts-(ignore|nocheck)/;

/** @type {import("oxlint/plugins-dev").Rule} */
export const explainedExceptions = {
  meta: {
    type: "suggestion",
    docs: { description: "ask for a reason beside each comment that switches a check off" },
    messages: {
      lint: "Say after `--` why this rule does not apply here.",
      typescript: "Say behind `@ts-expect-error` which error is expected and why it is right.",
      silent: "Use `@ts-expect-error` with a reason: it reports itself once the error is gone.",
    },
    schema: [],
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const { loc, value } = comment;
          if (LINT_OFF.test(value) && !LINT_REASON.test(value)) context.report({ loc, messageId: "lint" });
          if (TS_EXPECT.test(value) && !TS_REASON.test(value))
            context.report({ loc, messageId: "typescript" });
          if (TS_SILENT.test(value)) context.report({ loc, messageId: "silent" });
        }
      },
    };
  },
};
