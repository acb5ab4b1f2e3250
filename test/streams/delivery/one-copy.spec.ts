/**
 * One copy of a message: what the provider is handed, and what is made of its silence.
 */
import { describe, expect, it } from "vitest";
import { attemptId } from "../../../src/domain/ids.ts";
import { Sensitive } from "../../../src/domain/masking-sensitive.ts";
import { maskWhole } from "../../../src/domain/masking.ts";
import type { SendOutcome, SendRequest } from "../../../src/domain/ports/sender.ts";
import { sendOneCopy } from "../../../src/streams/delivery/one-copy.ts";
import { EMAIL } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

const copied = async (answers: readonly SendOutcome[]) => {
  const world = await worldWith();
  const { notice } = await world.claimed("n1");
  const { sender, channel } = world.ports(EMAIL);
  const asked: SendRequest[] = [];
  const deaf = {
    ...sender,
    send: (batch: readonly SendRequest[]) => {
      asked.push(...batch);
      return answers.map((each) => Promise.resolve(each));
    },
  };
  const parts = { subject: null, html: null, text: "the bill" };
  const message = new Sensitive<typeof parts, "message">("message", parts, maskWhole(parts.text));
  const outcome = await sendOneCopy(
    { sender: deaf, channel },
    {
      to: new Sensitive("email", "kim@example.com", maskWhole("kim")),
      rendered: { message, digest: "t1:d" },
    },
    {
      notice: { ...notice, generation: 3 },
      ...{ attemptId: attemptId("a-1"), providerKey: "key-1", mayStillLeave: () => true },
    },
  );
  return { asked, outcome, message };
};

describe("sendOneCopy", () => {
  it("hands over the message once, under its attempt and with the notice's generation as the reference", async () => {
    const { asked, outcome, message } = await copied([{ kind: "unknown", words: "?" }]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      attemptId: "a-1",
      providerKey: "key-1",
      reference: "n1/3",
      channel: EMAIL,
    });
    expect(asked[0]?.message).toBe(message);
    expect(outcome).toEqual({ kind: "unknown", words: "?" });
  });

  it("takes no answer for one of which nothing is known", async () => {
    expect((await copied([])).outcome).toEqual({ kind: "unknown", words: "the sender gave no answer" });
  });
});
