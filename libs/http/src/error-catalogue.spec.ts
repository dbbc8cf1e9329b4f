import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { catalogueOf, errorsPage, sourcesUnder } from './testing/error-catalogue';

const ROOT = resolve(__dirname, '../../..');
const PAGE = resolve(ROOT, 'docs/errors.md');

describe('The catalogue of errors', () => {
  const catalogue = catalogueOf(sourcesUnder(ROOT));

  it('knows the problems that every server may answer, with their status', () => {
    const statuses = Object.fromEntries(catalogue.problems.map(({ code, status }) => [code, status]));
    expect(statuses).toMatchObject({
      'token.invalid': 401,
      'permission.missing': 403,
      'route.not_found': 404,
      'method.not_allowed': 405,
      'idempotency.in_progress': 409,
      'precondition.failed': 412,
      'body.too_large': 413,
      'content_type.unsupported': 415,
      'idempotency.body_mismatch': 422,
      'server.draining': 503,
      'request.invalid': 400,
    });
    expect(catalogue.facts).toEqual(
      expect.arrayContaining(['field.missing', 'field.type', 'json.malformed', 'json.key_forbidden', 'cursor.invalid']),
    );
  });

  it('says what each problem means', () => {
    expect(catalogue.problems.filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it('stands in docs/errors.md as the sources have it', () => {
    const page = errorsPage(catalogue);
    if (process.env.UPDATE_ERRORS) writeFileSync(PAGE, page);
    // Stale? UPDATE_ERRORS=1 npx jest libs/http/src/error-catalogue
    expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page);
  });
});
