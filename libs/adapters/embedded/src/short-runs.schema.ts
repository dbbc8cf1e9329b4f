/** Tasks of runs that were projected once, at their end: a JSON list in the order of their ids, which no row of `tasks` has beside it. */
export const SHORT_RUNS_SCHEMA = `
CREATE TABLE short_runs (
  instance INTEGER PRIMARY KEY,
  tasks TEXT NOT NULL
) STRICT;
`;
