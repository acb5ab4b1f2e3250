/**
 * A lint rule of the house: whoever overrules the type checker says why.
 *
 * `x as T`, `<T>x` and `x!` tell the compiler to believe something it could not see for itself. The rule asks for a
 * comment on a line that the claim touches, or on the line above it. `as const` claims nothing and needs none.
 * It cannot tell a good reason from a bad one; that is the reader's part.
 */

const isConstAssertion = (node) =>
  node.typeAnnotation?.type === "TSTypeReference" && node.typeAnnotation.typeName.name === "const";

const DIRECTIVE = /^\s*(oxlint-|eslint-|@ts-|oxfmt-ignore|prettier-ignore|v8 ignore|c8 ignore)/;

/** The lines on which a reason may stand: where the value begins and where the claim is made, and one above each. */
const linesFor = (node) => {
  const claim = node.typeAnnotation ?? node;
  const claimStart = node.type === "TSNonNullExpression" ? node.loc.end.line : claim.loc.start.line;
  const lines = [node.loc.start.line - 1, node.loc.start.line, claimStart - 1];
  for (let line = claimStart; line <= claim.loc.end.line; line += 1) lines.push(line);
  return new Set(lines);
};

/** @type {import("oxlint/plugins-dev").Rule} */
export const explainedCasts = {
  meta: {
    type: "suggestion",
    docs: { description: "ask for a comment beside each type assertion" },
    messages: {
      unexplained:
        "{{what}} overrules the type checker: say why it is true, in a comment on this line or the line above.",
    },
    schema: [],
  },
  create(context) {
    const reasons = new Set();
    for (const comment of context.sourceCode.getAllComments()) {
      if (DIRECTIVE.test(comment.value) || comment.value.trim() === "") continue;
      for (let line = comment.loc.start.line; line <= comment.loc.end.line; line += 1) reasons.add(line);
    }
    const demandReason = (node) => {
      if (isConstAssertion(node)) return;
      // `x as unknown as T` is one claim with one reason: the outer cast speaks for the inner one.
      if (node.parent?.type === node.type && node.parent.expression === node) return;
      for (const line of linesFor(node)) if (reasons.has(line)) return;
      const what = node.type === "TSNonNullExpression" ? "`!`" : "This cast";
      context.report({ node, messageId: "unexplained", data: { what } });
    };
    return {
      TSAsExpression: demandReason,
      TSTypeAssertion: demandReason,
      TSNonNullExpression: demandReason,
    };
  },
};
