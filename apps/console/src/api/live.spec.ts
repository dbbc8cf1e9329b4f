import { judge } from './live';
import { ApiProblem } from './problem';

const problem = (status: number, code = 'x') => new ApiProblem(status, code, '');

describe('what is done about a failure', () => {
  it('comes again after cuts and faults that may pass, later when the service is busy', () => {
    expect(judge(new TypeError('network error'))).toEqual({ again: 0 });
    expect(judge(problem(0))).toEqual({ again: 0 });
    expect(judge(problem(502))).toEqual({ again: 0 });
    expect(judge(problem(503))).toEqual({ again: 5_000 });
    expect(judge(problem(429))).toEqual({ again: 5_000 });
  });

  it('begins anew where its place is gone, and takes a no for a no', () => {
    expect(judge(problem(400, 'last_event_id.invalid'))).toBe('anew');
    for (const status of [400, 401, 403, 404]) expect(judge(problem(status))).toBe('never');
  });
});
