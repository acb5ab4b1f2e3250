/**
 * First of the delivery: a record of the log becomes a request. A log without a broker brings requests as they are; bytes
 * from a broker are read by `read`, and what cannot be read is `Undecodable`: no notice can be helped by it.
 */
import { Result } from "effect";
import type { Undecodable } from "../../failure.ts";
import type { Stage } from "../runtime/stage.ts";
import { step } from "../runtime/step.ts";
import type { Request } from "./bodies.ts";

/** Reads a record of the log; one that names no notice is `Undecodable`. */
export type ReadRequest<In> = (record: In) => Result.Result<Request, Undecodable>;

/** For a log that is the ledger itself. */
export const asItIs: ReadRequest<Request> = (request) => Result.succeed(request);

/** First stage of a delivery: a record of the log becomes a request. */
export const consumeRequests = <In>(read: ReadRequest<In>): Stage<"consume-requests", In, Request> =>
  step({
    name: "consume-requests",
    work: (record: In) => {
      const request = read(record);
      if (Result.isFailure(request)) throw request.failure;
      return request.success;
    },
  });
