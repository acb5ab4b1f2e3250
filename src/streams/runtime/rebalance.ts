/**
 * What a life does when its source tells of partitions. Revoked: nothing new of it is admitted, its work may finish until
 * the deadline, what is finished is committed, then it is let go. Lost: it is somebody else's already, nothing is
 * committed. Its unfinished work goes on in both cases, and is recognised if its records come again.
 */
import { Effect } from "effect";
import type { Commits } from "./commits.ts";
import type { DelayRoom } from "./delay-room.ts";
import type { Machinery } from "./machinery.ts";
import type { Partitions } from "./partitions.ts";
import type { AssignmentListener } from "./source.ts";
import type { Ticket } from "./ticket.ts";

interface AssignedLife extends Machinery {
  readonly partitions: Partitions;
  readonly room: DelayRoom;
  readonly handBack: (ticket: Ticket, reason: string) => void;
  readonly commits: Commits | null;
}

const idle = (life: AssignedLife, name: string): Promise<void> =>
  new Promise((resolve) => {
    const partition = life.partitions.get(name);
    if (partition === undefined || partition.live.size === 0) resolve();
    else partition.whenIdle.push(resolve);
  });

/** A later try of it is the next owner's. */
const handBackParked = (life: AssignedLife, name: string): void => {
  const isOfIt = ({ taken }: Ticket): boolean => "partition" in taken && taken.partition === name;
  for (const ticket of life.room.takeOut(isOfIt)) life.handBack(ticket, `partition ${name} was taken away`);
};

const revoke = async (life: AssignedLife, name: string, deadlineMs: number): Promise<void> => {
  const partition = life.partitions.get(name);
  const assignment = partition?.assignment;
  if (partition === undefined || assignment == null || life.isOver) return;
  assignment.isRevoking = true;
  life.events.emit({ type: "partition:revoke:begin", partition: name, unfinished: partition.live.size });
  handBackParked(life, name);
  let isLate = false;
  await new Promise<void>((resolve) => {
    const cancel = life.ports.clock.after(deadlineMs, () => {
      isLate = true;
      resolve();
    });
    const finished = (): void => {
      cancel();
      resolve();
    };
    idle(life, name)
      .then(() => life.commits?.flush())
      .then(finished, finished);
  });
  // Lost meanwhile, or assigned anew already: then it is not this revocation's to let go.
  if (partition.assignment !== assignment) return;
  // What is finished is told of in any case; there is no time left to wait for the answer.
  if (isLate) life.commits?.flush().catch(() => undefined);
  const unfinished = life.partitions.unassign(name);
  life.events.emit({ type: "partition:revoke:done", partition: name, unfinished });
};

/** A source that did not close may go on telling: an ended life does not listen. */
export const assignmentListener = (life: AssignedLife): AssignmentListener => ({
  assigned: (partition, epoch, position) => {
    if (life.isOver) return;
    life.partitions.assigned(partition, epoch, position);
    life.events.emit({ type: "partition:assign:done", partition, epoch });
  },
  revoked: (partition, deadlineMs) => Effect.promise(() => revoke(life, partition, deadlineMs)),
  lost: (partition) => {
    if (life.isOver) return;
    handBackParked(life, partition);
    const unfinished = life.partitions.unassign(partition);
    life.events.emit({ type: "partition:lose:done", partition, unfinished });
  },
});
