/**
 * Policies and templates for upkeep's cases: kept in maps, and changed while a case runs.
 */
import { Effect, Result } from "effect";
import type { Instant, PolicyVersion } from "../../../src/domain/ids.ts";
import { reveal, Sensitive } from "../../../src/domain/masking-sensitive.ts";
import { maskWhole } from "../../../src/domain/masking.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import type { Policies } from "../../../src/domain/ports/policies.ts";
import type { TemplateStore } from "../../../src/domain/ports/template-store.ts";
import { Permanent } from "../../../src/failure.ts";

export const policiesAtHand = (
  atHand: Map<PolicyVersion, Policy>,
  stored: ReadonlyMap<PolicyVersion, Policy>,
  active: () => Policy | null,
  now: () => Instant,
): Policies => ({
  active,
  pinned: (version) => atHand.get(version) ?? null,
  now,
  refresh: Effect.void,
  fetch: (versions) =>
    Effect.sync(() => {
      for (const version of versions) {
        const policy = stored.get(version);
        if (policy !== undefined) atHand.set(version, policy);
      }
    }),
});

export interface Templates {
  version: string;
  /** Changes what is rendered under the same version: a store that breaks its promise. */
  salt: string;
}

export const digestOf = ({ version, salt }: Templates, text: string): string =>
  `${version}:${salt}${text.replaceAll(":", "=")}`;

export const templateStore = (templates: Templates): TemplateStore => ({
  version: templates.version,
  render: ({ bill, version = templates.version }) => {
    if (version !== templates.version)
      return Result.fail(new Permanent({ message: `there is no template ${version}`, code: "template" }));
    const text = JSON.stringify(reveal(bill));
    const parts = { subject: null, html: null, text };
    const message = new Sensitive("message", parts, maskWhole(text));
    return Result.succeed({ message, digest: digestOf(templates, text) });
  },
});
