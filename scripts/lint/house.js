/** The lint rules of the house, as a plugin: `house/explained-casts` and the others. */
import { explainedCasts } from "./explained-casts.js";
import { explainedExceptions } from "./explained-exceptions.js";
import { restrictedSyntax } from "./restricted-syntax.js";

export default {
  meta: { name: "house" },
  rules: {
    "explained-casts": explainedCasts,
    "explained-exceptions": explainedExceptions,
    "restricted-syntax": restrictedSyntax,
  },
};
