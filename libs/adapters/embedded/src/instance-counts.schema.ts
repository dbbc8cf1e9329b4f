/** What ended last in a domain, whatever its DAG: for those who watch. */
export const INSTANCE_COUNTS_SCHEMA = `
CREATE INDEX ended_runs_by_end ON ended_runs (domain, ended_ms, status);
`;
