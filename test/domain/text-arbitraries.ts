/**
 * Texts that nobody meant: any sequence of code units, lone surrogates and controls among them.
 */
import fc from "fast-check";

const anyCodeUnit = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }),
  fc.integer({ min: 0x80, max: 0xffff }),
  fc.integer({ min: 0xd800, max: 0xdfff }),
);

export const anyText: fc.Arbitrary<string> = fc
  .array(anyCodeUnit, { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));
