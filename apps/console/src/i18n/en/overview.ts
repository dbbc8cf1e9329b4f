export const overview = {
  title: 'Overview',
  now: 'Now',
  day: 'Begun in the last 24 hours, and ended',
  next: 'Fires next',
  noNext: 'No schedule is on',
  noNextText: 'A schedule of a DAG is added under its Triggers.',
  failures: 'Recent failures',
  noFailures: 'Nothing has failed',
} as const;
