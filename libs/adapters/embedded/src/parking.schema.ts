import { FIRST_ENDED_CODE } from './instances.schema';

/**
 * When a run that nobody holds has to go on by itself; null while a worker holds it, when it waits for others only, and at its end. What a
 * start has to take over is what a worker holds. Runs that an older build has let go of are looked at once, by whoever starts next.
 */
export const PARKING_SCHEMA = `
ALTER TABLE instances ADD COLUMN wake_ms INTEGER;
UPDATE instances SET wake_ms = 0 WHERE status < ${FIRST_ENDED_CODE} AND owner IS NULL;
DROP INDEX instances_unfinished;
CREATE INDEX instances_held ON instances (id) WHERE owner IS NOT NULL;
CREATE INDEX instances_by_wake ON instances (wake_ms, id) WHERE wake_ms IS NOT NULL;
`;
