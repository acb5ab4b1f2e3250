/**
 * The command, with a bug in one of the helpers that templates may use: as a bad deployment would have it. It strikes every notice.
 */
import { TEMPLATE_FORMATS } from "../../../src/adapters/templates/template-formats.ts";

const careless = (): string => {
  const nobody = null as unknown as { readonly total: string }; // what the bug is about
  return nobody.total;
};
Object.assign(TEMPLATE_FORMATS.money, { write: careless });

await import("../../../src/cli.ts");
