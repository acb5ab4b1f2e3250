/**
 * Last of the preparation: the message, and the digest of all that went into it, which the right to send will pin. The same
 * inputs give the same bytes, today and after a crash.
 */
import { Result } from "effect";
import type { TemplateVersion } from "../../domain/message.ts";
import type { Stage } from "../runtime/stage.ts";
import { step } from "../runtime/step.ts";
import type { Opened, Prepared } from "./bodies.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";

export const KIND = "bill";

/** Renders the message. It takes a bill in the clear, whoever has opened it. */
export const renderNotice = ({
  templates,
}: Pick<DeliveryPorts, "templates">): Stage<"render-notice", Opened, Prepared> =>
  step({
    name: "render-notice",
    work: (body: Opened): Prepared => prepared({ templates }, body, templates.version),
  });

/** @throws a `Failure` */
export const prepared = (
  { templates }: Pick<DeliveryPorts, "templates">,
  { notice, contents, policy, to, bill }: Opened,
  version: TemplateVersion,
): Prepared => {
  if (notice.channel === null) throw new Error(`${notice.noticeId} was claimed without a channel`);
  const rendered = templates.render({
    channel: notice.channel,
    kind: KIND,
    bill,
    about: { billId: contents.billId, period: notice.period, purpose: contents.purpose },
    version,
  });
  if (Result.isFailure(rendered)) throw rendered.failure;
  return { notice, contents, policy, to, rendered: rendered.success };
};
