import { FILE_LIFE_MS, FileNotFound, FilesService, FilesUnknown, GivenFiles, type UploadedFile } from '@flow/files';
import type { PrincipalId } from '@flow/kernel';
import { FilePurge, EXPIRED_KEPT_MS } from '@flow/retention';
import { aDag } from '@flow/testing/dags';
import { theBuiltins } from '@flow/testing/builtins';
import { piecesOf, textIn } from '@flow/testing/platform';
import { SeededRandom } from '@flow/testing/kernel';
import { TriggerWorld } from '@flow/testing/triggers';
import { FormsService } from './forms.service';

const HOUR_MS = 3_600_000;
const FIELDS = [{ key: 'doc', type: 'file', required: true }];

describe('a file that a form names', () => {
  let world: TriggerWorld;
  beforeEach(async () => {
    const form = theBuiltins().filter(({ id }) => id === '@trigger/form');
    world = await TriggerWorld.open({ operators: form, values: { inlineBytes: 50 } });
  });
  afterEach(() => world.close());

  const files = () => new FilesService(world.runs.files, world.runs.blobs, world.clock, new SeededRandom(4), 1_000);
  const upload = (text: string): Promise<UploadedFile> =>
    files().upload(world.caller, { name: 'a.txt', contentType: 'text/plain' }, piecesOf(text));
  const forms = () =>
    new FormsService(
      world.triggers,
      undefined as never,
      world.runs.dags,
      world.runs.catalogue,
      new GivenFiles(world.runs.files, world.runs.blobs),
      world.clock,
    );
  const purge = () =>
    new FilePurge({
      files: world.runs.files,
      blobs: world.runs.blobs,
      clock: world.clock,
      neededSince: () => world.history.oldestByHand(),
    }).run();
  /** A form whose runs wait for the test, with a trigger that is fired by hand. */
  const aForm = async () => {
    const steps = [
      { id: '0', operator: '@trigger/form', parameters: { fields: FIELDS } },
      { id: 'a', operator: '@test/call', settings: { timeout: { delay: 604_800 } } },
    ];
    const { dag } = await world.runs.dags.create(aDag({ steps, domain: world.caller.domain, title: 'form' }));
    return world.aTrigger(dag, { kind: 'manual', config: {} });
  };

  /** As if it had been uploaded nearly a day ago. */
  const expiresSoon = (file: UploadedFile) =>
    world.runs.files.add({ ...file, expiresAt: new Date(world.clock.now().getTime() + 10_000) }, 10);

  it('serves until its time is over, and goes an hour later with its bytes', async () => {
    const file = await upload('bytes');
    expect(file.expiresAt.getTime() - world.clock.now().getTime()).toBe(FILE_LIFE_MS);
    const place = { domain: world.caller.domain, owner: file.id };
    await expiresSoon(file);
    await world.clock.advance(9_999);
    expect(await files().get(world.caller, file.id)).toMatchObject({ id: file.id });
    await world.clock.advance(1);
    await expect(files().get(world.caller, file.id)).rejects.toThrow(FileNotFound);
    expect(await purge()).toBe(0);
    expect(await textIn(world.runs.blobs.get(place, file.sha256))).toBe('bytes');
    await world.clock.advance(EXPIRED_KEPT_MS + 1);
    expect(await purge()).toBe(1);
    expect(await world.runs.blobs.owners(place.domain, '', 10)).toEqual([]);
    expect(await purge()).toBe(0);
  });

  it('is kept for what was fired in its time, however late that is carried out', async () => {
    const { id } = await aForm();
    const file = await upload('the text');
    const place = { domain: world.caller.domain, owner: file.id };
    world.runs.liveLimit = 1;
    const first = await forms().fire(world.caller, id, { data: { doc: file.id } }, 'one');
    expect(first.status).toBe('fired');
    await expiresSoon(file);
    const firing = forms().fire(world.caller, id, { data: { doc: file.id } }, 'two');
    await world.pass(20_000);
    expect(await firing).toMatchObject({ status: 'pending', reason: { code: 'quota.exceeded' } });
    await expect(forms().fire(world.caller, id, { data: { doc: file.id } }, 'three')).rejects.toThrow(FilesUnknown);
    await world.clock.advance(2 * HOUR_MS);
    expect(await purge()).toBe(0);
    world.runs.liveLimit = 0;
    // How often it was tried in the two hours, and so when it is tried next, is not the same each time.
    for (let minute = 0; minute < 10 && (await world.instances()).length < 2; minute += 1) await world.pass(60_000);
    const [, instance] = await world.instances();
    expect(await world.story(id)).toEqual(['00:00:00 fired', '00:00:00 fired']);
    expect(await purge()).toBe(1);
    expect(await world.runs.blobs.owners(place.domain, '', 10)).not.toContain(file.id);
    const own = { ...place, owner: instance?.id ?? '' };
    expect(await textIn(world.runs.blobs.get(own, file.sha256))).toBe('the text');
  });

  it('is named by no message, no time and nobody else who fires', async () => {
    const trigger = await aForm();
    const file = await upload('the text');
    const other = { ...world.caller, principal: 'eve' as PrincipalId };
    await expect(forms().fire(other, trigger.id, { data: { doc: file.id } }, 'one')).rejects.toThrow(FilesUnknown);
    const at = world.clock.now();
    const event = { id: 'e', subject: world.caller.principal, data: { doc: file.id } };
    await world.first.firings.accept(trigger, [{ key: 'e', cause: 'event', at, event }]);
    await world.pass(1_000);
    expect(await world.story(trigger.id)).toEqual(['00:00:00 dead input.file_unknown']);
  });
});
