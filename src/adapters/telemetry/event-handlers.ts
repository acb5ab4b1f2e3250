/**
 * Chooses by an event's type among those that a listener cares for; the others cost one look-up.
 */
import type { PipelineEvent } from "../../streams/runtime/events.ts";

export type EventHandlers = {
  readonly [Type in PipelineEvent["type"]]?: (event: Extract<PipelineEvent, { readonly type: Type }>) => void;
};

export const tellTo = (handlers: EventHandlers, event: PipelineEvent): void => {
  // The table's type says that the handler of a type takes events of that type; the compiler loses the tie in an index.
  const handler = handlers[event.type] as ((event: PipelineEvent) => void) | undefined;
  handler?.(event);
};
