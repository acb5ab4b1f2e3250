/**
 * The ledger's tables. Times are whole milliseconds since 1970, as the domain counts them; `millrace.at(ms)` shows one
 * as a timestamp. Texts that are keys compare by their bytes, as the domain compares them.
 */
export const ledger = `
CREATE FUNCTION millrace.now() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
COMMENT ON FUNCTION millrace.now() IS 'The ledger''s only clock; tests replace it. Asked as (SELECT millrace.now()), so that it is read once.';

CREATE FUNCTION millrace.at(ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT to_timestamp(ms / 1000.0) $$;
COMMENT ON FUNCTION millrace.at(bigint) IS 'An instant of the ledger, for people.';

CREATE TYPE millrace.status AS ENUM
  ('ready', 'queued', 'claimed', 'sending', 'in_doubt', 'sent', 'failed', 'cancelled', 'suppressed', 'expired');
CREATE TYPE millrace.attempt_state AS ENUM ('intent', 'in_doubt', 'accepted', 'rejected', 'not_handed_over');
CREATE TYPE millrace.letter_kind AS ENUM ('failed', 'doubt');
CREATE TYPE millrace.letter_state AS ENUM ('open', 'replaying', 'resolved', 'discarded');

-- The hot row. Half of each page stays free, so that a change finds room beside the row it replaces (HOT), and no index
-- is on a column that claiming and sending change: see docs/decisions/0003.
CREATE TABLE millrace.notice (
  period           integer NOT NULL,
  notice_id        text COLLATE "C" NOT NULL,
  user_id          text COLLATE "C" NOT NULL,
  status           millrace.status NOT NULL,
  epoch            integer NOT NULL,
  generation       integer NOT NULL,
  attempt_no       integer NOT NULL,
  channel          text COLLATE "C",
  policy_version   bigint,
  owner            text COLLATE "C",
  lease_until      bigint,
  lapses           integer NOT NULL,
  due_at           bigint NOT NULL,
  hold_reason      text COLLATE "C",
  republish_at     bigint,
  publishes        integer NOT NULL,
  expires_at       bigint NOT NULL,
  run_id           text COLLATE "C",
  cancel_requested boolean NOT NULL,
  -- An alarm clock: rings no later than somebody should look at the notice, and may ring early. Empty: nobody need.
  wake_at          bigint,
  -- Which page finds it: candidates for routing in FRESH (never routed yet) or ADMITTED (routed before), what was
  -- routed under its channel (whose name is never in capitals). It stays there until the right to send has an outcome,
  -- so that claiming and sending change nothing that an index is on.
  found_in         text COLLATE "C" GENERATED ALWAYS AS (CASE
                     WHEN status IN ('queued', 'claimed', 'sending') THEN channel
                     WHEN status <> 'ready' OR hold_reason IS NOT NULL THEN NULL
                     WHEN channel IS NULL AND generation = 1 THEN 'FRESH'
                     ELSE 'ADMITTED' END) STORED,
  PRIMARY KEY (period, notice_id)
) WITH (fillfactor = 50);
CREATE INDEX notice_found ON millrace.notice (found_in, due_at, notice_id) WHERE found_in IS NOT NULL;
CREATE INDEX notice_wake ON millrace.notice (wake_at, notice_id) WHERE wake_at IS NOT NULL;
CREATE INDEX notice_held ON millrace.notice (hold_reason, period, notice_id) WHERE hold_reason IS NOT NULL;

-- What is written once and read when the notice is prepared. Its two keys make a notice id and a bill's month and
-- purpose unique for ever, over all periods.
CREATE TABLE millrace.contents (
  period      integer NOT NULL,
  notice_id   text COLLATE "C" NOT NULL,
  user_id     text COLLATE "C" NOT NULL,
  bill_id     text COLLATE "C" NOT NULL,
  purpose     text COLLATE "C" NOT NULL,
  kind        text COLLATE "C" NOT NULL,
  priority    integer NOT NULL,
  contacts    json NOT NULL,
  routing     json NOT NULL,
  content     json NOT NULL,
  -- As they were at the beginning; the notice's own may be moved.
  due_at      bigint NOT NULL,
  expires_at  bigint NOT NULL,
  ingested_at bigint NOT NULL,
  ingested_by text NOT NULL,
  PRIMARY KEY (notice_id),
  UNIQUE (period, bill_id, purpose)
);

CREATE TABLE millrace.attempt (
  period              integer NOT NULL,
  notice_id           text COLLATE "C" NOT NULL,
  attempt_id          text COLLATE "C" NOT NULL,
  generation          integer NOT NULL,
  attempt_no          integer NOT NULL,
  epoch               integer NOT NULL,
  channel             text COLLATE "C" NOT NULL,
  provider            text NOT NULL,
  provider_key        text NOT NULL,
  content_digest      text NOT NULL,
  intent_at           bigint NOT NULL,
  send_by             bigint NOT NULL,
  copies              integer NOT NULL CHECK (copies >= 1),
  state               millrace.attempt_state NOT NULL,
  provider_message_id text,
  evidence            text,
  contradiction       text,
  -- A column of its own, because only a "no" changes it: an acceptance stays HOT.
  live                boolean GENERATED ALWAYS AS (state IN ('intent', 'in_doubt', 'accepted')) STORED,
  seq                 bigint GENERATED ALWAYS AS IDENTITY
) WITH (fillfactor = 45);
-- The one constraint that carries the promise: two rights to send cannot exist, whatever the code does.
CREATE UNIQUE INDEX attempt_live ON millrace.attempt (period, notice_id, generation) WHERE live;
-- With the one above it divides the attempts, so that each is found by its notice through exactly one of them.
CREATE UNIQUE INDEX attempt_closed ON millrace.attempt (period, notice_id, attempt_id) WHERE NOT live;

-- Forward only. The WHEN clause keeps the usual ways (intent to anything, doubt to a decision) free of the call.
CREATE FUNCTION millrace.refuse_backward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'attempt % cannot go from % to %', OLD.attempt_id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER attempt_forward_only BEFORE UPDATE OF state ON millrace.attempt FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND OLD.state <> 'intent' AND NOT (OLD.state = 'in_doubt' AND NEW.state <> 'intent'))
  EXECUTE FUNCTION millrace.refuse_backward();

CREATE TABLE millrace.dead_letter (
  period     integer NOT NULL,
  notice_id  text COLLATE "C" NOT NULL,
  kind       millrace.letter_kind NOT NULL,
  epoch      integer NOT NULL,
  generation integer NOT NULL,
  attempt_id text COLLATE "C",
  reason     text NOT NULL,
  state      millrace.letter_state NOT NULL,
  opened_at  bigint NOT NULL,
  PRIMARY KEY (period, notice_id, kind, epoch)
) WITH (fillfactor = 80);
CREATE INDEX dead_letter_open ON millrace.dead_letter (kind, opened_at, notice_id) WHERE state = 'open';

-- Letters whose line in the log is still to be written. A table of its own: a letter's row is written under the lock on
-- its notice only, and whoever relays it must not have to wait for that.
CREATE TABLE millrace.untold_letter (
  period    integer NOT NULL,
  notice_id text COLLATE "C" NOT NULL,
  kind      millrace.letter_kind NOT NULL,
  epoch     integer NOT NULL,
  tell_at   bigint NOT NULL,
  PRIMARY KEY (period, notice_id, kind, epoch)
);
CREATE INDEX untold_letter_due ON millrace.untold_letter (tell_at, notice_id);

-- How one generation has ended, as it was then: whatever becomes of the notice, this is told.
CREATE TYPE millrace.outcome AS (
  period         integer,
  notice_id      text COLLATE "C",
  generation     integer,
  epoch          integer,
  status         millrace.status,
  reason         text,
  channel        text COLLATE "C",
  policy_version bigint,
  run_id         text COLLATE "C"
);
-- Outcomes that nobody was told of yet. Those that one statement brought about lie together in one row, a parcel, so that
-- ending a notice costs nearly nothing, and so does what nobody ever asks for: see docs/decisions/0013.
CREATE TABLE millrace.untold_results (
  parcel   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  count    integer NOT NULL,
  ended_at bigint NOT NULL,
  tell_at  bigint NOT NULL,
  outcomes millrace.outcome[] NOT NULL
);
CREATE INDEX untold_results_due ON millrace.untold_results (tell_at, parcel);

-- Append-only: the service's role may insert and read. Found by notice through a hash, which is small, and costs the
-- same however long the history is.
CREATE TABLE millrace.history (
  period      integer NOT NULL,
  notice_id   text COLLATE "C" NOT NULL,
  seq         bigint GENERATED ALWAYS AS IDENTITY,
  at          bigint NOT NULL,
  epoch       integer NOT NULL,
  generation  integer NOT NULL,
  attempt_no  integer NOT NULL,
  from_status millrace.status NOT NULL,
  to_status   millrace.status NOT NULL,
  transition  text NOT NULL,
  channel     text,
  attempt_id  text,
  actor       text NOT NULL,
  because     text
);
CREATE INDEX history_notice ON millrace.history USING hash (notice_id);

CREATE TABLE millrace.suppression (
  user_id text COLLATE "C" PRIMARY KEY,
  reason  text NOT NULL,
  actor   text NOT NULL,
  since   bigint NOT NULL
);

CREATE TABLE millrace.pause (
  scope  text COLLATE "C" PRIMARY KEY,
  reason text NOT NULL,
  actor  text NOT NULL,
  since  bigint NOT NULL
);

CREATE TABLE millrace.policy (
  version   bigint PRIMARY KEY CHECK (version >= 1),
  policy    json NOT NULL,
  stored_by text NOT NULL,
  stored_at bigint NOT NULL
);
CREATE TABLE millrace.active_policy (
  one          boolean PRIMARY KEY DEFAULT true CHECK (one),
  version      bigint NOT NULL REFERENCES millrace.policy,
  activated_by text NOT NULL,
  activated_at bigint NOT NULL
);

-- Who shut or opened which gate. Append-only, like the history of a notice.
CREATE TABLE millrace.gate_history (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      bigint NOT NULL,
  action  text NOT NULL,
  subject text NOT NULL,
  reason  text,
  actor   text NOT NULL
);

-- One line a trigger, those that were skipped included. Dispatchers that page the same run meet at its row only at the
-- end of their pages.
CREATE TABLE millrace.run (
  run_id         text COLLATE "C" PRIMARY KEY,
  key            text COLLATE "C" NOT NULL UNIQUE,
  state          text COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed', 'skipped')),
  cap            bigint NOT NULL CHECK (cap >= 0),
  opened_by      text NOT NULL,
  opened_at      bigint NOT NULL,
  closed_at      bigint,
  policy_version bigint,
  pages          bigint NOT NULL DEFAULT 0,
  candidates     bigint NOT NULL DEFAULT 0,
  admitted       bigint NOT NULL DEFAULT 0 CHECK (admitted <= cap),
  published      bigint NOT NULL DEFAULT 0,
  publish_failed bigint NOT NULL DEFAULT 0,
  held_by        jsonb NOT NULL DEFAULT '{}',
  put_off        bigint NOT NULL DEFAULT 0,
  suppressed     bigint NOT NULL DEFAULT 0,
  expired        bigint NOT NULL DEFAULT 0,
  page_ms        bigint NOT NULL DEFAULT 0,
  publish_ms     bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX run_open ON millrace.run (state) WHERE state = 'open';
CREATE INDEX run_recent ON millrace.run (opened_at, run_id);

-- Who is at work: a row a process, written again every few seconds. It decides nothing; it tells operators.
CREATE TABLE millrace.member (
  worker_id  text COLLATE "C" PRIMARY KEY,
  role       text NOT NULL,
  host       text NOT NULL,
  pid        integer NOT NULL,
  trouble    text,
  started_at bigint NOT NULL,
  seen_at    bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE millrace.poison (
  topic         text COLLATE "C" NOT NULL,
  partition     integer NOT NULL,
  record        text COLLATE "C" NOT NULL,
  reason        text NOT NULL,
  stage         text,
  attempts      integer NOT NULL,
  payload       bytea NOT NULL,
  -- Of the raw bytes, which the payload seals.
  sha256        text NOT NULL,
  bytes         bigint NOT NULL,
  first_seen_at bigint NOT NULL,
  -- Empty once it was told.
  tell_at       bigint,
  PRIMARY KEY (topic, partition, record)
);
CREATE INDEX poison_untold ON millrace.poison (tell_at, topic, partition, record) WHERE tell_at IS NOT NULL;
`;
