-- The fleet's own tables, version 1. The queue's tables are those of Procrastinate, beside these.

CREATE TABLE gallra_fleet (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version integer NOT NULL,
    draining boolean NOT NULL DEFAULT false  -- nothing begins while it is true
);

INSERT INTO gallra_fleet (version) VALUES (1);

CREATE TABLE gallra_fleet_shops (
    id text PRIMARY KEY CHECK (id <> ''),    -- shop.id of its settings
    file text,                               -- where its settings lie; or
    settings text,                           -- the settings themselves, in which secrets are named and none stands
    paused boolean NOT NULL DEFAULT false,
    cron text,                               -- schedule.cron, as its settings were read last
    next_due timestamptz,                    -- when it is to be run; null where nothing says
    wants text NOT NULL DEFAULT 'nightly',   -- what it is due for
    asked timestamptz,                       -- when a person last asked for a run
    tries integer NOT NULL DEFAULT 0,        -- runs in a row that were put off (exit code 75)
    job bigint,                              -- the job that runs it now
    token bigint,                            -- the number of the run under way: an older one ends without a word
    begun timestamptz,
    ended timestamptz,                       -- when the last run ended, and with which exit code
    code integer,
    last_job bigint,                         -- the job that ended last: begun again, it does nothing
    CHECK ((file IS NULL) <> (settings IS NULL)),
    CHECK ((token IS NULL) = (begun IS NULL))
);

CREATE INDEX gallra_fleet_shops_due ON gallra_fleet_shops (next_due) WHERE NOT paused;

CREATE SEQUENCE gallra_fleet_runs;

-- The first place of an account that nobody holds, now held by this connection; null where all are taken. Those
-- that this connection holds already are named, for it would be given them again.
CREATE FUNCTION gallra_fleet_slot(account integer, most integer, held integer[]) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    FOR place IN 1..most LOOP
        IF place <> ALL (held) AND pg_try_advisory_lock(account, place) THEN
            RETURN place;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
