/**
 * A batch that names a notice twice is refused whole: which of the two comes first could not be said.
 */
import { Permanent } from "../../failure.ts";
import type { NoticeId } from "../../domain/ids.ts";

export const eachOnce = async <I extends { readonly noticeId: NoticeId }, A>(
  batch: readonly I[],
  work: () => Promise<A>,
): Promise<A> => {
  if (new Set(batch.map(({ noticeId }) => noticeId)).size !== batch.length)
    throw new Permanent({
      message: "two items of one batch name the same notice",
      code: "same-notice-twice",
    });
  return work();
};
