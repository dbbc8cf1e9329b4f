import { adviceFor } from './advice';

it('a failure has advice by its code, and any failure has some', () => {
  expect(
    [
      'task.timeout',
      'http.status',
      'outbound.failed',
      'task.worker_lost',
      'instance.cancelled',
      'expression.failed',
      'x.y',
      undefined,
    ].map(adviceFor),
  ).toEqual(['timeout', 'http', 'network', 'workerLost', 'cancelled', 'expression', 'other', 'other']);
});
