import { SNAPSHOT_SCHEMA } from '@flow/engine';
import { Service, aFolder } from '../service';
import { fixturesOf, putFolder } from './fixtures';
import { SECRETS_KEY, expectToGoOn } from './runs';

describe('A folder that an older version has left', () => {
  const fixtures = fixturesOf('embedded');

  it('is kept for every schema of states that this version writes', () => {
    // Raised? test/upgrade/record.ts writes what this version leaves; those of before stay.
    expect(fixtures.map(({ snapshotSchema }) => snapshotSchema)).toContain(SNAPSHOT_SCHEMA);
    for (const { documents } of fixtures) {
      expect(documents.rows.log_records).not.toEqual([]);
      expect(documents.rows.cursors).not.toEqual([]);
    }
  });

  it.each(fixtures.map((fixture) => [fixture.snapshotSchema, fixture] as const))(
    'with states of schema %i is read, and its runs go on to their ends',
    async (_schema, fixture) => {
      const folder = aFolder();
      putFolder(folder.path, fixture);
      const service = await Service.start(folder.path, { SECRETS_KEY });
      try {
        await expectToGoOn(service, fixture.made);
      } finally {
        await service.kill();
        folder.remove();
      }
    },
    240_000,
  );
});
