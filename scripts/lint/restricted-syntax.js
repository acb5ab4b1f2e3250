/**
 * A lint rule of the house: what a selector names has no place in a room, and the message says what to do instead.
 *
 * A selector is a question about the tree of a file, as ESLint has them: `ExportDefaultDeclaration`,
 * `NewExpression[callee.name='Date'][arguments.length=0]`. Which room has which is said in `oxlint.config.js`.
 */

/** @type {import("oxlint/plugins-dev").Rule} */
export const restrictedSyntax = {
  meta: {
    type: "suggestion",
    docs: { description: "refuse what a selector names" },
    schema: [
      {
        type: "array",
        items: {
          type: "object",
          properties: { selector: { type: "string" }, message: { type: "string" } },
          required: ["selector", "message"],
          additionalProperties: false,
        },
      },
    ],
  },
  create(context) {
    const [refused] = context.options;
    return Object.fromEntries(
      refused.map(({ selector, message }) => [
        selector,
        (node) => {
          context.report({ node, message });
        },
      ]),
    );
  },
};
