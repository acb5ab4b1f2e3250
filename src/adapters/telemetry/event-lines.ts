/**
 * Lines for what a pipeline tells when it does not simply go on: it stops taking, restarts, ends, or an item is stuck. What
 * goes well is counted (`event-counts`) and not written.
 */
import type { EventListener } from "../../streams/runtime/events.ts";
import { type EventHandlers, tellTo } from "./event-handlers.ts";
import { type Log, logRecord, logWord } from "./log.ts";

export const eventLines = (log: Log): EventListener => {
  const handlers: EventHandlers = {
    "pipeline:restart:begin": ({ type, pipeline, life, inMs, cause }) => {
      log.write("warn", type, { pipeline: logWord(pipeline), life, inMs, cause: logWord(cause) });
    },
    "pipeline:end:done": ({ type, pipeline, how, cause }) => {
      const level = how === "failed" ? "error" : "info";
      const fields = { pipeline: logWord(pipeline), how: logWord(how) };
      log.write(level, type, { ...fields, cause: cause === null ? null : logWord(cause) });
    },
    "intake:stop:done": ({ type, pipeline, reason }) => {
      log.write("info", type, { pipeline: logWord(pipeline), reason: logWord(reason) });
    },
    "source:close:failed": ({ type, pipeline, reason }) => {
      log.write("warn", type, { pipeline: logWord(pipeline), reason: logWord(reason) });
    },
    "item:stick:done": ({ type, pipeline, record, stage, ageMs }) => {
      const fields = { pipeline: logWord(pipeline), record: logRecord(record), stage: logWord(stage) };
      log.write("warn", type, { ...fields, ageMs });
    },
  };
  return (event) => {
    tellTo(handlers, event);
  };
};
