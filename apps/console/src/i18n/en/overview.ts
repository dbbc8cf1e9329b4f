export const overview = {
  title: 'Overview',
  now: 'Now',
  hour: 'Ended in the last hour',
  chart: 'Instances that ended, by minute; {{most}} in the busiest',
  next: 'Fires next',
  noNext: 'No schedule is on',
  noNextText: 'A schedule of a DAG is added under its Triggers.',
  failures: 'Recent failures',
  noFailures: 'Nothing has failed',
} as const;
