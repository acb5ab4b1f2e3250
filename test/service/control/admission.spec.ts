import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secret } from "../../../src/service/config/secret.ts";
import { admission } from "../../../src/service/control/admission.ts";

describe("admission with a token", () => {
  const admit = admission(secret("a-token-of-sixteen"));

  it("is given to who shows it", () => {
    expect(admit({ authorization: "Bearer a-token-of-sixteen" })).toBe("full");
  });

  it("is never given for anything else", () => {
    const near = fc.oneof(
      fc.string(),
      fc.string().map((text) => `Bearer ${text}`),
      fc.nat({ max: 24 }).map((end) => "Bearer a-token-of-sixteen".slice(0, end)),
      fc.constant("bearer a-token-of-sixteen"),
      fc.constant("Bearer  a-token-of-sixteen"),
    );
    fc.assert(
      fc.property(near, (authorization) => {
        expect(admit({ authorization })).toBe("no-token");
      }),
      { numRuns: 1_000 },
    );
    expect(admit({})).toBe("no-token");
  });
});

describe("admission without a token", () => {
  const admit = admission(null);

  it.each(["localhost", "localhost:7330", "127.0.0.1:7330", "127.8.0.1", "[::1]:80"])(
    "is given by the name %s",
    (host) => {
      expect(admit({ host })).toBe("full");
    },
  );

  it.each(["millrace.example", "localhost.example:7330", "127.0.0.1.example", "", "evil@localhost"])(
    "is refused by the name %j, which a page of anybody's may have pointed here",
    (host) => {
      expect(admit({ host })).toBe("wrong-host");
    },
  );
});
